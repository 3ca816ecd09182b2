# How every target of the project is built.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(HVSEC_CCACHE ccache)
if(HVSEC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HVSEC_CCACHE})
endif()

add_library(hvsec_warnings INTERFACE)
add_library(hvsec::warnings ALIAS hvsec_warnings)
target_compile_options(hvsec_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  # Plain -Wshadow fires on every constructor `x(x)` with GCC.
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
  $<$<CXX_COMPILER_ID:Clang>:-Wshadow>
  $<$<BOOL:${HVSEC_WARNINGS_AS_ERRORS}>:-Werror>)

# hvsec_library(<layer> SOURCES ... HEADERS ... [PUBLIC ...] [PRIVATE ...])
# One static library for one layer: target hvsec_<layer>, used as hvsec::<layer>. Its headers are
# public, are included from the root of the repository, and are verified to compile alone.
function(hvsec_library layer)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  set(target hvsec_${layer})
  add_library(${target} STATIC)
  add_library(hvsec::${layer} ALIAS ${target})
  target_sources(${target}
    PRIVATE ${arg_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(${target}
    PUBLIC ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE} hvsec::warnings)
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# Deferred, since the rules of installation name targets of folders that are read later.
cmake_language(DEFER CALL include ${PROJECT_SOURCE_DIR}/src/packaging/install.cmake)
