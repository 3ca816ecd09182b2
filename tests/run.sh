#!/usr/bin/env bash
# The one test command: on a bare Debian 12 it installs what it needs, builds and tests everything.
# shellcheck disable=SC2317  # the steps are called by their names
set -uo pipefail

usage() {
  cat <<'END'
usage: tests/run.sh [--quick | --full] [--help]

Installs the missing Debian packages, then
  format    every source is formatted as .clang-format says
  asan      builds with g++ and the address and undefined behaviour sanitizers, runs every test
  release   builds optimized with clang-19, every header on its own too, runs every test
  tidy      clang-tidy-19 finds nothing, in up to ten minutes, newest files first; files that have not
            changed since are not looked at again
  fuzz      builds the fuzz targets with clang-19 and runs each for a few seconds, unless fifty
            minutes have passed by then; their seeds are among the tests anyway
All of it runs, whatever fails on the way; the exit code is 0 only when nothing did.

Tests that no sanitizer has a say in, labelled unsanitized, run in release only.

  --quick   instead: one debug build with clang-19 and the tests that are not labelled slow
  --full    take the time: all tests under the sanitizers too, clang-tidy over every file
  --help    this text

Everything is built below build/. CTEST_ARGS gives ctest more arguments, e.g. CTEST_ARGS='-R cli'.
END
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
cd -- "$root" || exit 1
# shellcheck source=src/packaging/debian.sh
source src/packaging/debian.sh

export LC_ALL=C.UTF-8
# Lets one compiler cache serve clones in different folders.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
jobs=$(nproc)
summary=()
failures=0
# What ctest wrote where tests failed: they are told again at the end, where they are found.
results=()

# Runs one step under a heading and notes how long it took and how it ended.
section() {
  local name=$1 start=$SECONDS result=ok
  shift
  printf '\n======== %s\n' "$name"
  "$@" || result=FAILED
  [[ $result == ok ]] || ((++failures))
  summary+=("$(printf '%-10s %-7s %4d s' "$name" "$result" $((SECONDS - start)))")
}

packages() {
  hvsec_install_packages "${hvsec_build_packages[@]}" "${hvsec_test_packages[@]}"
}

format() {
  # The samples of the architecture rules are wrong on purpose.
  git ls-files -z '*.cpp' '*.hpp' ':!tests/architecture/samples' |
    xargs -0 clang-format-19 --dry-run --Werror
}

configure() { cmake --preset "$1" -D HVSEC_BUILD_TESTS=ON; }

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --build --preset "$preset" --parallel "$jobs" --target all "$@" -- -k 0
}

# run_tests PRESET [CTEST ARGUMENT...]
run_tests() {
  local preset=$1 more=()
  shift
  read -ra more <<<"${CTEST_ARGS:-}"
  ctest --preset "$preset" --output-on-failure --no-tests=error -j "$jobs" \
    --output-junit "$root/build/$preset/tests.xml" "$@" "${more[@]}" && return
  results+=("build/$preset/tests.xml")
  return 1
}

asan() { configure asan && build asan && run_tests asan "${left_out_of_asan[@]}"; }
release() {
  configure release && build release all_verify_interface_header_sets && run_tests release
}

fuzz() {
  if ((SECONDS >= last_fuzz_start)); then
    echo "Left out: fifty minutes have passed. tests/run.sh --full, or tests/fuzz/run.sh, fuzzes."
    return
  fi
  tests/fuzz/run.sh --seconds 10 --jobs "$jobs"
}

# What the builds and tests have left of the time, ten minutes at most; --full: all it takes.
tidy() {
  local left=$(((tidy_end - SECONDS) / 60)) limit=()
  ((left < 1)) && left=1
  ((left > 10)) && left=10
  ((full)) || limit=(--minutes "$left")
  configure tidy >/dev/null && /usr/bin/python3 tests/clang_tidy.py build/tidy --jobs "$jobs" \
    "${limit[@]}"
}

quick() { configure dev && build dev && run_tests dev --label-exclude slow; }

finish() {
  ((${#results[@]} == 0)) || /usr/bin/python3 tests/failed_tests.py "${results[@]}"
  printf '\n======== summary\n'
  printf '%s\n' "${summary[@]}"
  if ((failures)); then
    printf '%d of %d steps failed, after %d s.\n' "$failures" "${#summary[@]}" "$SECONDS"
    exit 1
  fi
  printf 'All %d steps passed in %d s.\n' "${#summary[@]}" "$SECONDS"
  exit 0
}

steps=(format asan release tidy fuzz)
# Continuous integration has 90 minutes on two processors.
left_out_of_asan=(--label-exclude unsanitized)
tidy_end=4200 last_fuzz_start=3000 full=0
case ${1:-} in
  '') ;;
  --quick) steps=(quick) ;;
  --full) left_out_of_asan=() last_fuzz_start=86400 full=1 ;;
  --help | -h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 1
    ;;
esac

section packages packages
((failures == 0)) || finish
for step in "${steps[@]}"; do
  section "$step" "$step"
done
finish
