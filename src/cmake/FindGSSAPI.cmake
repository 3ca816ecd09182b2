# MIT Kerberos, its GSSAPI and its own interface, as hvsec::gssapi; it comes with files for pkg-config
# only. NTLM comes in at run time, as a plug-in (gss-ntlmssp).
find_package(PkgConfig REQUIRED)
pkg_check_modules(GSSAPI QUIET IMPORTED_TARGET krb5-gssapi krb5)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GSSAPI
  REQUIRED_VARS GSSAPI_LINK_LIBRARIES VERSION_VAR GSSAPI_krb5-gssapi_VERSION)

if(GSSAPI_FOUND AND NOT TARGET hvsec::gssapi)
  add_library(hvsec::gssapi ALIAS PkgConfig::GSSAPI)
endif()
