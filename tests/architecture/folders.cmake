# The folders at the top are these five; a sixth idea finds its home inside one of them.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/rule.cmake)

set(allowed examples reconciler schema src tests)
list(JOIN allowed ", " names)
file(GLOB entries RELATIVE ${ROOT} ${ROOT}/*)
foreach(entry IN LISTS entries)
  # Where builds go; git ignores it.
  if(IS_DIRECTORY ${ROOT}/${entry} AND NOT entry STREQUAL "build" AND NOT entry MATCHES "^\\."
      AND NOT entry IN_LIST allowed)
    hvsec_finding(${entry} "the folders at the top are ${names}")
  endif()
endforeach()
foreach(folder IN LISTS allowed)
  if(NOT IS_DIRECTORY ${ROOT}/${folder})
    hvsec_finding(${folder} "this folder is missing")
  endif()
endforeach()
hvsec_conclude()
