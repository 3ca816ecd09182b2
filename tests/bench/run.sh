#!/usr/bin/env bash
# Builds the release programs and measures them beside their floor and their peers.
# Arguments are those of bench.py; without any, all is measured.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
# shellcheck source=src/packaging/debian.sh
source src/packaging/debian.sh
hvsec_install_packages "${hvsec_build_packages[@]}" "${hvsec_test_packages[@]}"
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
cmake --preset release -D HVSEC_BUILD_TESTS=ON >/dev/null
cmake --build --preset release --parallel "$(nproc)" \
  --target hvsec hvsec-sim hvsec-bench-floor hvsec-bench-yaml
HVSEC_BIN=$root/build/release/bin exec /usr/bin/python3 tests/bench/bench.py "$@"
