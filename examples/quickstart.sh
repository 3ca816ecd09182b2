#!/usr/bin/env bash
# hvsec in five minutes: builds it, starts three simulated Hyper-V hosts, and shows what hvsec finds,
# corrects and leaves alone. Changes nothing outside build/ but for installing Debian packages.
set -uo pipefail

usage() {
  cat <<'END'
usage: examples/quickstart.sh [--bin FOLDER]

On a bare Debian 12 it installs what the build needs, builds hvsec and hvsec-sim, and then plays
examples/quickstart/ through. The exit code is 0 when every step ended as it should.

  --bin FOLDER   take the programs from FOLDER instead of building them
END
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
cd -- "$root" || exit 1
export LC_ALL=C.UTF-8
# The user's own settings of hvsec must not reach into the show.
unset "${!HVSEC_@}"

bin=
case ${1:-} in
  '') ;;
  --bin)
    bin=$(cd -- "${2:?--bin needs a folder}" && pwd) || exit 1
    ;;
  --help | -h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 1
    ;;
esac

bold='' faint='' plain='' colour=never
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' faint=$'\e[2m' plain=$'\e[0m' colour=always
fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
tell() { printf '%s%s%s\n' "$faint" "$*" "$plain"; }
fail() {
  printf '\nquickstart: %s\n' "$*" >&2
  exit 1
}

build() {
  # shellcheck source=src/packaging/debian.sh
  source src/packaging/debian.sh
  say 'Build'
  hvsec_install_packages "${hvsec_build_packages[@]}" || fail 'the packages could not be installed'
  bin=$root/build/quickstart/bin
  if ! cmake --preset release -B build/quickstart -D HVSEC_BUILD_TESTS=OFF ||
    ! cmake --build build/quickstart --parallel "$(nproc)" --target hvsec hvsec-sim; then
    fail 'the build failed'
  fi
}

# Everything that the show writes is below here.
mkdir -p build || exit 1
[[ $bin ]] || build
work=$(mktemp -d build/quickstart-show.XXXXXX) || exit 1
simulator=
clean_up() {
  [[ -z $simulator ]] || kill "$simulator" 2>/dev/null
  wait
  rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_simulator() {
  mkfifo "$work/ready"
  "$bin/hvsec-sim" --fleet examples/quickstart/fleet.yaml --listen 127.0.0.1:0 >"$work/ready" &
  simulator=$!
  local ready
  IFS= read -r -t 30 ready <"$work/ready" || fail 'hvsec-sim did not start'
  [[ $ready =~ \"address\":\ *\"([0-9.]+):([0-9]+)\" ]] ||
    fail "hvsec-sim said something else than where it listens: $ready"
  address=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
  # The one manifest that cannot be written beforehand: the port is the system's choice.
  sed "s|@SIMULATOR@|http://$address:$port|" examples/quickstart/hosts.yaml.in >"$work/hosts.yaml"
}

# control PATH JSON [METHOD]: the simulator's remote control, over bare HTTP: a bare Debian has no curl.
control() {
  local answer
  exec 3<>"/dev/tcp/$address/$port" || fail 'the simulator is gone'
  printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
    "${3:-POST}" "/control/$1" "$address:$port" "${#2}" "$2" >&3
  IFS= read -r answer <&3
  exec 3>&-
  [[ $answer == *' 200 '* ]] || fail "the simulator refused /control/$1: $answer"
}

# expect CODE COMMAND [FLAG...]: shows and runs one command of hvsec, which must end with CODE.
expect() {
  local wanted=$1 code
  shift
  printf '\n%s$ hvsec %s%s\n' "$bold" "$*" "$plain"
  "$bin/hvsec" "$@" | tee "$work/output"
  code=${PIPESTATUS[0]}
  tell "(exit code $code)"
  ((code == wanted)) || fail "'hvsec $*' ended with $code instead of $wanted"
}

# shown TEXT: the last command must have printed it.
shown() {
  sed 's/\x1b\[[0-9;]*m//g' "$work/output" | grep -qF -- "$1" ||
    fail "the output above does not say: $1"
}

say 'Three simulated Hyper-V hosts'
start_simulator
export HVSEC_MANIFESTS=examples/quickstart/manifests,$work/hosts.yaml
export HVSEC_LEDGER=$work/ledger.db
# What tee reads is no terminal.
export HVSEC_COLOR=$colour
cat <<END
hvsec-sim speaks WS-Management for them on $address:$port.
What is wanted is declared in examples/quickstart/manifests/. For this show:
  HVSEC_MANIFESTS=$HVSEC_MANIFESTS
  HVSEC_LEDGER=$HVSEC_LEDGER
END

say '1. Are the manifests right? Needs no host.'
expect 0 validate
shown '3 hosts, 2 VmSecurity manifests; valid'

say '2. What would be done? Reads, changes nothing.'
expect 2 plan
shown '5 in sync, 3 to change, 1 deferred, 2 blocked, 1 unmanaged'

say '3. Is one host as declared? For a nightly job: exit code 2 says that something drifted.'
expect 2 check --host hv-ams-01
shown '4 VMs on 1 host: 2 in sync, 1 drifted, 1 deferred;'

say '4. Correct it.'
expect 6 apply
shown '5 in sync, 2 corrected, 1 deferred, 2 blocked, 1 not applied, 1 unmanaged'
cat <<'END'

dc-02 and one of the two VMs called web-01 are corrected: changed, and read back as declared.
sql-01 runs. hvsec never powers a VM off; the change waits.
legacy-01 and web-04 cannot be changed until a person acts; the report says what is missing.
sql-02 is the case that hvsec exists for: its host reported success and changed nothing.
Exit code 6 = 2 (something still differs) + 4 (something failed).
END

say '5. Somebody shuts sql-01 down, and the host of sql-02 is repaired.'
control hosts/hv-ams-01/vms/sql-01/power '{"power": "off"}'
control hosts/hv-ams-02/vms/sql-02/faults '' DELETE
expect 2 apply
shown '7 in sync, 2 corrected, 2 blocked, 1 unmanaged'

say '6. What is left is what only a person can mend.'
expect 2 check
shown '9 in sync, 2 blocked, 1 unmanaged'

say 'Done.'
cat <<'END'
The same against your own hosts: examples/baseline/ has manifests to start from, and
`hvsec explain tpmEnabled` says what a setting does and what it needs.
END
