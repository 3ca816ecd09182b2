# Proves that a rule can fail: runs it on a sample that breaks it and compares the places that it
# names with those in the sample's expected.txt.
#   cmake -D RULE=<script> -D SAMPLE=<folder> -P expect_findings.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${SAMPLE} -P ${RULE}
  RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${RULE} found nothing in ${SAMPLE}")
endif()

# The findings stand before CMake's own words on the error.
string(REGEX REPLACE "CMake Error.*" "" errors "${errors}")
string(REGEX MATCHALL "[A-Za-z0-9_./]+(:[0-9]+)?: [^\n]+\n" findings "${errors}")
list(TRANSFORM findings REPLACE "^([A-Za-z0-9_./]+(:[0-9]+)?): .*" "\\1")
list(JOIN findings "\n" findings)
file(READ ${SAMPLE}/expected.txt expected)
if(NOT "${findings}\n" STREQUAL expected)
  message(FATAL_ERROR "expected:\n${expected}found:\n${findings}\nfrom:\n${errors}")
endif()
