# What `cmake --install` puts where. Read last, since it names targets of many folders.
if(NOT TARGET hvsec)
  return()
endif()

install(TARGETS hvsec hvsec-sim RUNTIME)
install(FILES schema/manifest.v1.schema.json schema/report.v1.schema.json
  schema/history.v1.schema.json schema/hosts.v1.schema.json
  schema/event.v1.schema.json
  schema/status.v1.schema.json schema/suspensions.v1.schema.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/hvsec/schema)
# Beside the schemas, so that the examples' own references to them hold.
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/hvsec/examples
  PATTERN "*.sh" EXCLUDE)
foreach(document README.md CHANGELOG.md LICENSE)
  install(FILES ${document} DESTINATION ${CMAKE_INSTALL_DOCDIR})
endforeach()

# Units of systemd, which name the program by its path.
install(CODE "set(hvsec_systemd \"${PROJECT_SOURCE_DIR}/src/packaging/systemd\")
set(hvsec_bindir \"${CMAKE_INSTALL_BINDIR}\")")
install(SCRIPT src/packaging/systemd/install_units.cmake)

# The pages carry the day on which they were made; SOURCE_DATE_EPOCH, where it is set, says which.
string(TIMESTAMP manual_date "%Y-%m-%d" UTC)
configure_file(src/packaging/hvsec-sim.1.in ${PROJECT_BINARY_DIR}/man/hvsec-sim.1 @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/man/hvsec-sim.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# hvsec knows its own flags, so it writes its completions and its manual itself; not on a foreign
# machine.
if(CMAKE_CROSSCOMPILING)
  return()
endif()
set(completions)
foreach(shell bash zsh fish)
  set(file ${PROJECT_BINARY_DIR}/completions/hvsec.${shell})
  add_custom_command(OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/completions
    COMMAND hvsec completion ${shell} > ${file}
    DEPENDS hvsec
    COMMENT "Writing the completions for ${shell}"
    VERBATIM)
  list(APPEND completions ${file})
endforeach()
add_custom_target(hvsec_completions ALL DEPENDS ${completions})
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man/hvsec.1
  COMMAND hvsec-manual ${manual_date} > ${PROJECT_BINARY_DIR}/man/hvsec.1
  DEPENDS hvsec-manual
  COMMENT "Writing the manual"
  VERBATIM)
add_custom_target(hvsec_manual ALL DEPENDS ${PROJECT_BINARY_DIR}/man/hvsec.1)
install(FILES ${PROJECT_BINARY_DIR}/man/hvsec.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

set(completions ${PROJECT_BINARY_DIR}/completions/hvsec)
install(FILES ${completions}.bash RENAME hvsec
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}.zsh RENAME _hvsec
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

include(src/packaging/package.cmake)
