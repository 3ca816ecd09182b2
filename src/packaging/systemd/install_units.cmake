# Run by `cmake --install`, since only then it is known where the program comes to lie.
# hvsec_systemd: this folder; hvsec_bindir: where below the prefix the program is.
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)
cmake_path(APPEND prefix ${hvsec_bindir} OUTPUT_VARIABLE bindir)
file(READ ${hvsec_systemd}/hardening.conf hardening)
foreach(unit hvsec.service hvsec-check.service)
  configure_file(${hvsec_systemd}/${unit}.in ${hvsec_units}/${unit} @ONLY)
  list(APPEND units ${hvsec_units}/${unit})
endforeach()
file(INSTALL ${units} ${hvsec_systemd}/hvsec-check.timer DESTINATION ${prefix}/lib/systemd/system)
