# `cpack` in a build folder makes a package of Debian from what `cmake --install` installs.
set(HVSEC_PACKAGE_MAINTAINER "hvsec maintainers <hvsec@packages.invalid>" CACHE STRING
  "Who answers for packages that are built here")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hvsec)
set(CPACK_PACKAGE_CONTACT "${HVSEC_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps the security settings of Hyper-V VMs as declared")
set(CPACK_PACKAGE_DESCRIPTION
"hvsec reads the security settings of Hyper-V virtual machines (virtual TPM,
shielding, encrypted state and migration, virtualization-based security and
others) over WS-Management (WinRM), compares them with manifests in YAML,
changes only what has drifted, follows the host's job, and reads the virtual
machine back. It runs in a GitOps pipeline, from a timer, or as a daemon.
.
The package also holds hvsec-sim, which simulates Hyper-V hosts, to try all of
this on without any.")
set(CPACK_STRIP_FILES ON)
# Absolute paths are known before anything is installed: units name the program by one.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(debian ${PROJECT_SOURCE_DIR}/src/packaging/debian)
set(CPACK_HVSEC_PACKAGING ${PROJECT_SOURCE_DIR}/src/packaging)
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/stage.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What no linker sees: the time zones of change windows, and what the daemon alone loads, for
# webhooks and to tell systemd of itself.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4 (>= 7.85), libsystemd0, tzdata")
# And NTLM, a plug-in of Kerberos's library.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, gss-ntlmssp")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gpg, krb5-user, prometheus-node-exporter")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)

include(CPack)
