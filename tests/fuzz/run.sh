#!/usr/bin/env bash
# Fuzzes what reads from strangers, each target in turn or several side by side.
set -uo pipefail

usage() {
  cat <<'END'
usage: tests/fuzz/run.sh [--seconds N] [--jobs N] [TARGET...]

Builds the fuzz targets (clang-19, libFuzzer, address and undefined behaviour sanitizers) below
build/fuzz and runs each of them, or those named, for N seconds (15), N at once (the processors).
They start from tests/fuzz/seeds and from what earlier runs found worth keeping in
build/fuzz/corpus. An input that fails is kept in build/fuzz/found: copy it to the target's seeds
when it is mended, which makes it a test for ever.
END
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd) || exit 1
cd -- "$root" || exit 1
seconds=15
jobs=$(nproc)
targets=()
while (($#)); do
  case $1 in
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --jobs) jobs=${2:?--jobs needs a number}; shift ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 1 ;;
    *) targets+=("$1") ;;
  esac
  shift
done

export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
cmake --preset fuzz -D HVSEC_BUILD_TESTS=ON >/dev/null &&
  cmake --build --preset fuzz --parallel "$jobs" --target fuzz_targets || exit 1
if ((${#targets[@]} == 0)); then
  for folder in tests/fuzz/seeds/*/; do targets+=("$(basename "$folder")"); done
fi

# fuzz TARGET: one line when it is done, and all that it said when it failed.
fuzz() {
  local target=$1 corpus=build/fuzz/corpus/$1 found=build/fuzz/found/$1 log=build/fuzz/$1.log
  mkdir -p "$corpus" "$found"
  # Leaks are looked for when the seeds are replayed: with libFuzzer that can hang (clang bug).
  if "build/fuzz/bin/fuzz_$target" "$corpus" "tests/fuzz/seeds/$target" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 -max_len=65536 -detect_leaks=0 \
    -artifact_prefix="$found/" -print_final_stats=1 >"$log" 2>&1; then
    printf '%-18s %10s inputs, nothing found\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  else
    cat "$log"
    printf '%-18s FAILED, see build/fuzz/found/%s\n' "$target" "$target"
    return 1
  fi
}
export -f fuzz
export seconds

printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'fuzz "$1"' fuzz
