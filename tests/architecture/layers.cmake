# The dependency rule, held over every #include:
#   schema <- reconciler <- src/<adapter> <- src/daemon <- src/cli <- src/composition <- src/main.cpp
# and which library each layer may know. A new folder under src has to get its lines here first.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/rule.cmake)

set(cim "src/hyperv/cim(_session)?\\.hpp")
set(asio_core "boost/asio/(any_io_executor|as_tuple|awaitable|co_spawn|this_coro|use_awaitable"
  "|experimental/(awaitable_operators|channel))\\.hpp")
list(JOIN asio_core "" asio_core)

# project_<layer>: what it may include of the project beside itself. Everything above schema may
# include schema and reconciler.
set(project_src/hyperv "")
set(project_src/wsman "${cim}|src/platform/aside\\.hpp")
set(project_src/simulator "${cim}")
set(project_src/manifest "")
set(project_src/ledger "")
set(project_src/platform "")
set(project_src/http "")
set(project_src/webhook "src/platform/late_library\\.hpp")
set(project_src/report "")
# A label's value is cleaned as a report's text is.
set(project_src/metrics "src/report/safe_text\\.hpp")
set(project_src/revision "")
set(project_src/plan_file "")
# libgit2's handles, what may be told of a URL, and the one way to leave a blocked thread behind.
set(project_src/source "src/(revision/(git|remote_url)|platform/aside)\\.hpp")
set(project_src/daemon "src/((http|manifest|metrics|platform|report|source|webhook)/)")
set(project_src/cli
  "src/((daemon|http|manifest|metrics|plan_file|platform|report|source|webhook)/"
  "|ledger/(history|suspensions)\\.hpp)")
list(JOIN project_src/cli "" project_src/cli)
set(project_src/packaging "src/cli/(build_facts|grammar|help)\\.hpp")
set(project_src/composition
  "src/(composition\\.hpp|(cli|daemon|http|hyperv|ledger|manifest|platform|report|revision|source|webhook|wsman)/)")
set(project_src/main.cpp "src/(composition\\.hpp|(cli|platform)/)")

# library_<layer>: what it may include that is neither the project's nor the standard library's.
set(posix "((arpa|netinet|sys)/[a-z]+|errno|fcntl|netdb|poll|pwd|signal|stdlib|termios|unistd)\\.h")
set(library_schema "")
set(library_reconciler "tl/expected\\.hpp|boost/system/|${asio_core}")
set(common "${library_reconciler}|boost/asio/|boost/system/|${posix}")
set(library_src/hyperv "${common}|pugixml\\.hpp")
set(library_src/wsman "${common}|boost/beast/|gssapi/|krb5/|openssl/")
set(library_src/simulator
  "${common}|boost/(beast|uuid)/|gssapi/|openssl/|expat\\.h|yaml-cpp/|nlohmann/|CLI/")
set(library_src/manifest "${common}|cctz/|openssl/|yaml-cpp/")
set(library_src/ledger "${common}|openssl/|nlohmann/|sqlite3\\.h")
set(library_src/platform "${common}|dlfcn\\.h|openssl/|spdlog/|systemd/")
set(library_src/http "${common}|boost/(algorithm|beast)/")
set(library_src/webhook "${common}|curl/|openssl/|nlohmann/")
set(library_src/report "${common}|nlohmann/")
set(library_src/metrics "${common}|prometheus/")
set(library_src/revision "${common}|git2\\.h")
set(library_src/plan_file "openssl/|nlohmann/")
set(library_src/source "${common}|boost/beast/|git2(/sys/transport)?\\.h|gpgme\\.h|libssh2\\.h|openssl/")
set(library_src/daemon "${common}")
set(library_src/cli "${common}|CLI/|nlohmann/")
set(library_src/packaging "")
set(library_src/composition "${common}")
set(library_src/main.cpp "${common}")

# What the pure core may not have even of the standard library: time, disk and threads are ports.
set(impure "atomic|condition_variable|csignal|ctime|filesystem|fstream|future|iostream|mutex"
  "|random|semaphore|shared_mutex|stop_token|syncstream|thread")
list(JOIN impure "" impure)

function(layer_of variable file)
  if(file MATCHES "^(src/main\\.cpp|src/composition|(src|tests)/[^/]+|[^/]+)")
    set(${variable} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endif()
endfunction()

function(check_project place layer header)
  if(header MATCHES "^src/simulator/" AND NOT layer MATCHES "^((src|tests)/simulator|tests/fuzz)$")
    hvsec_finding("${place}" "only the simulator and its tests know src/simulator")
  elseif(layer MATCHES "^tests" OR header MATCHES "^${layer}/")
    return()
  elseif(layer STREQUAL "schema" OR (layer STREQUAL "reconciler" AND NOT header MATCHES "^schema/"))
    hvsec_finding("${place}" "${layer} may not include ${header}")
  elseif(header MATCHES "^(schema|reconciler)/")
    return()
  elseif("${project_${layer}}" STREQUAL "" OR NOT header MATCHES "^(${project_${layer}})")
    hvsec_finding("${place}" "${layer} may not include ${header}")
  endif()
endfunction()

function(check_library place layer header)
  if(header STREQUAL "boost/asio.hpp")
    hvsec_finding("${place}" "include the narrow Asio headers: this one costs two seconds a file")
  elseif(layer MATCHES "^tests")
    return()
  elseif(header MATCHES "^[a-z_]+$")
    if(layer MATCHES "^(schema|reconciler)$" AND header MATCHES "^(${impure})$")
      hvsec_finding("${place}" "<${header}> has no place in the pure core: make it a port")
    endif()
  elseif("${library_${layer}}" STREQUAL "" OR NOT header MATCHES "^(${library_${layer}})")
    hvsec_finding("${place}" "${layer} may not include <${header}>")
  endif()
endfunction()

function(check file)
  layer_of(layer ${file})
  if(NOT layer MATCHES "^tests" AND NOT DEFINED library_${layer})
    hvsec_finding(${file} "${layer} is not in the table of tests/architecture/layers.cmake")
    return()
  endif()
  hvsec_read_lines(lines ${ROOT}/${file})
  set(number 0)
  foreach(line IN LISTS lines)
    math(EXPR number "${number} + 1")
    if(line MATCHES "^ *# *include *\"([^\"]+)\"")
      check_project(${file}:${number} ${layer} ${CMAKE_MATCH_1})
    elseif(line MATCHES "^ *# *include *<([^>]+)>")
      check_library(${file}:${number} ${layer} ${CMAKE_MATCH_1})
    elseif(line MATCHES "^ *# *(if|ifdef|ifndef|elif).*_WIN32"
        AND NOT layer MATCHES "^src/(wmi|platform|composition)$")
      hvsec_finding(${file}:${number}
        "only src/wmi, src/platform and src/composition know the platform")
    endif()
  endforeach()
endfunction()

hvsec_sources(files)
foreach(file IN LISTS files)
  check(${file})
endforeach()
hvsec_conclude()
