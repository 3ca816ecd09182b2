# CCTZ, which reads the IANA time zones, as hvsec::cctz; it comes without files for pkg-config or CMake.
find_path(CCTZ_INCLUDE_DIR cctz/time_zone.h)
find_library(CCTZ_LIBRARY cctz)
mark_as_advanced(CCTZ_INCLUDE_DIR CCTZ_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Cctz REQUIRED_VARS CCTZ_LIBRARY CCTZ_INCLUDE_DIR)

if(Cctz_FOUND AND NOT TARGET hvsec::cctz)
  add_library(hvsec::cctz UNKNOWN IMPORTED)
  set_target_properties(hvsec::cctz PROPERTIES
    IMPORTED_LOCATION ${CCTZ_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CCTZ_INCLUDE_DIR})
endif()
