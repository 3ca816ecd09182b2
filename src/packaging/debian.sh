# What hvsec needs from Debian 12, in one place; read by tests/run.sh and examples/quickstart.sh.
# shellcheck shell=bash disable=SC2034

# To build the programs.
hvsec_build_packages=(
  cmake pkg-config ninja-build clang-19 lld-19 libstdc++-12-dev
  libboost1.81-dev libexpected-dev libyaml-cpp-dev libspdlog-dev libssl-dev libsqlite3-dev libgit2-dev
  libgpgme-dev libssh2-1-dev gpg libjemalloc-dev
  libkrb5-dev gss-ntlmssp
  libpugixml-dev libexpat1-dev nlohmann-json3-dev libcli11-dev libsystemd-dev prometheus-cpp-dev
  libcurl4-openssl-dev libcctz-dev tzdata
)

# To run every test on top of that.
hvsec_test_packages=(
  git g++ ccache clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19
  libgtest-dev libgmock-dev
  python3 python3-jsonschema python3-requests python3-winrm python3-yaml openssl
  bash-completion curl gnupg openssh-client openssh-server
  krb5-kdc krb5-admin-server krb5-user libfaketime apache2
  libapache2-mod-auth-gssapi python3-gssapi
  samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind ldb-tools
  python3-samba iproute2 prometheus
  man-db mandoc zsh fish systemd systemd-container dpkg-dev init-system-helpers file lintian
)

# Installs those of the given packages that are missing, and says so. Asks for nothing.
hvsec_install_packages() {
  local package missing=()
  for package in "$@"; do
    # shellcheck disable=SC2016  # the dollar is dpkg-query's
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    echo "All ${#} packages are installed."
    return
  fi
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "These packages are missing; install them as root: ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "Installing: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
    -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update &&
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
}
