# Run by `cmake --install`, since only then it is known where the program comes to lie.
# hvsec_systemd: this folder; hvsec_bindir: where below the prefix the program is.
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)
cmake_path(APPEND prefix ${hvsec_bindir} OUTPUT_VARIABLE bindir)
cmake_path(APPEND prefix lib/systemd/system OUTPUT_VARIABLE folder)
file(READ ${hvsec_systemd}/hardening.conf hardening)
foreach(unit hvsec.service hvsec-check.service)
  message(STATUS "Installing: $ENV{DESTDIR}${folder}/${unit}")
  configure_file(${hvsec_systemd}/${unit}.in $ENV{DESTDIR}${folder}/${unit} @ONLY
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES ${folder}/${unit})
endforeach()
file(INSTALL ${hvsec_systemd}/hvsec-check.timer DESTINATION ${folder})
