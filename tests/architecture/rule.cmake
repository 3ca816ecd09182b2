# What the rules of this folder share. A rule is a script of its own:
#   cmake -D ROOT=<a tree> -P <rule>.cmake
# It looks at the tree below ROOT, prints one line per finding and fails when there is any.

if(NOT IS_DIRECTORY "${ROOT}")
  message(FATAL_ERROR "give the tree to look at: cmake -D ROOT=<folder> -P <rule>.cmake")
endif()

# The C++ sources below ROOT, as paths from there. The samples of these rules break them on purpose.
function(hvsec_sources variable)
  set(patterns)
  foreach(folder schema reconciler src tests)
    list(APPEND patterns ${ROOT}/${folder}/*.cpp ${ROOT}/${folder}/*.hpp)
  endforeach()
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${patterns})
  list(FILTER files EXCLUDE REGEX "^tests/architecture/samples/")
  list(SORT files)
  set(${variable} ${files} PARENT_SCOPE)
endfunction()

# Reads a file. Brackets and semicolons, which are special to CMake's lists, become control
# characters: 1 for `[`, 2 for `]`, 3 for `;`.
function(hvsec_read variable file)
  file(READ ${file} text)
  string(ASCII 1 open)
  string(ASCII 2 close)
  string(ASCII 3 semicolon)
  string(REPLACE "[" "${open}" text "${text}")
  string(REPLACE "]" "${close}" text "${text}")
  string(REPLACE ";" "${semicolon}" text "${text}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# The lines of a file, as `hvsec_read` gives it.
function(hvsec_read_lines variable file)
  hvsec_read(text ${file})
  # A backslash at the end would hide where the line ends.
  string(REGEX REPLACE "\\\\\n" " \n" text "${text}")
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "\n" " ;" lines "${text}")
  set(${variable} "${lines}" PARENT_SCOPE)
endfunction()

function(hvsec_finding place text)
  set_property(GLOBAL APPEND_STRING PROPERTY hvsec_findings "${place}: ${text}\n")
endfunction()

# Ends the script: with an error when something was found.
function(hvsec_conclude)
  get_property(findings GLOBAL PROPERTY hvsec_findings)
  if(findings)
    message(NOTICE "${findings}")
    message(FATAL_ERROR "these places break the rule")
  endif()
endfunction()

# Cuts everything between each `begin` and the next `end` from the text, but keeps the lines.
function(hvsec_cut variable begin end)
  set(text "${${variable}}")
  string(LENGTH "${begin}" skip)
  string(FIND "${text}" "${begin}" from)
  while(NOT from EQUAL -1)
    string(SUBSTRING "${text}" 0 ${from} before)
    math(EXPR inside "${from} + ${skip}")
    string(SUBSTRING "${text}" ${inside} -1 rest)
    string(FIND "${rest}" "${end}" to)
    if(to EQUAL -1)
      message(FATAL_ERROR "no ${end} behind ${begin}, or a // between the two")
    endif()
    string(LENGTH "${end}" length)
    math(EXPR behind "${to} + ${length}")
    string(SUBSTRING "${rest}" 0 ${behind} cut)
    string(REGEX REPLACE "[^\n]" "" lines "${cut}")
    string(SUBSTRING "${rest}" ${behind} -1 after)
    set(text "${before} ${lines}${after}")
    string(FIND "${text}" "${begin}" from)
  endwhile()
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# Reads the code of a source as `hvsec_read` does, without its comments, strings and characters;
# lines stay where they were.
function(hvsec_read_code variable file)
  hvsec_read(text ${file})
  string(REGEX MATCHALL "[^A-Za-z0-9_]R\"[A-Za-z_]*[(]" raw_strings "${text}")
  list(REMOVE_DUPLICATES raw_strings)
  foreach(raw IN LISTS raw_strings)
    string(REGEX REPLACE ".R\"(.*)[(]" "\\1" delimiter "${raw}")
    hvsec_cut(text "${raw}" ")${delimiter}\"")
  endforeach()
  string(REGEX REPLACE "\"[^\"\\\n]*(\\\\.[^\"\\\n]*)*\"|'[^'\\\n]'|'\\\\[^\n][^'\n]*'|//[^\n]*"
    " " text "${text}")
  hvsec_cut(text "/*" "*/")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()
