# hvsec_test(<name> SOURCES ... [LINK ...] [LABELS ...] [TIMEOUT seconds])
# One GoogleTest program: target test_<name>; each of its cases is a ctest test <name>.<Suite>.<Case>.
include(GoogleTest)

function(hvsec_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINK;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE HVSEC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LINK} hvsec::warnings GTest::gmock GTest::gtest_main)
  # It is the product that is to be tested optimized; a test only takes longer to compile.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  gtest_discover_tests(${target} TEST_PREFIX ${name}. NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
