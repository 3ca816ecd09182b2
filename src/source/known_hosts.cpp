#include "src/source/known_hosts.hpp"

#include <array>
#include <fstream>
#include <utility>

#include <openssl/evp.h>

namespace hvsec::source {
namespace {

struct Kind {
  int mask;
  int shown;  // As libssh2_session_hostkey says it.
  const char* methods;
};

constexpr std::array kinds = {
    Kind{LIBSSH2_KNOWNHOST_KEY_ED25519, LIBSSH2_HOSTKEY_TYPE_ED25519, "ssh-ed25519"},
    Kind{LIBSSH2_KNOWNHOST_KEY_ECDSA_256, LIBSSH2_HOSTKEY_TYPE_ECDSA_256, "ecdsa-sha2-nistp256"},
    Kind{LIBSSH2_KNOWNHOST_KEY_ECDSA_384, LIBSSH2_HOSTKEY_TYPE_ECDSA_384, "ecdsa-sha2-nistp384"},
    Kind{LIBSSH2_KNOWNHOST_KEY_ECDSA_521, LIBSSH2_HOSTKEY_TYPE_ECDSA_521, "ecdsa-sha2-nistp521"},
    Kind{LIBSSH2_KNOWNHOST_KEY_SSHRSA, LIBSSH2_HOSTKEY_TYPE_RSA, "ssh-rsa"},
};

constexpr int form = LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW;

int compare(LIBSSH2_KNOWNHOSTS* hosts, const Address& address, const char* key, std::size_t size,
            int kind) {
  libssh2_knownhost* found = nullptr;
  return libssh2_knownhost_checkp(hosts, address.host.c_str(), address.port, key, size, form | kind,
                                  &found);
}

// As `ssh-keygen -l` shows it.
std::string fingerprint(LIBSSH2_SESSION* session) {
  const char* const hash = libssh2_hostkey_hash(session, LIBSSH2_HOSTKEY_HASH_SHA256);
  if (hash == nullptr) return "unknown";
  constexpr int size = 32;
  std::array<unsigned char, 48> text{};
  EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(hash), size);
  std::string shown = reinterpret_cast<const char*>(text.data());
  while (shown.ends_with('=')) shown.pop_back();
  return "SHA256:" + shown;
}

Result<void> look_for_marks(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) return fail(ErrorKind::terminal, "the known hosts file " + file + " cannot be read");
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with('@'))
      return fail(ErrorKind::terminal,
                  "the known hosts file " + file +
                      " has a line that begins with @, which is not "
                      "understood: give a file with the plain keys of the git server alone");
  return {};
}

}  // namespace

Result<KnownHosts> KnownHosts::read(LIBSSH2_SESSION* session, std::string file) {
  if (const auto looked = look_for_marks(file); !looked) return fail(looked.error());
  KnownHosts hosts(libssh2_knownhost_init(session), std::move(file));
  if (!hosts.hosts_ || libssh2_knownhost_readfile(hosts.hosts_.get(), hosts.file_.c_str(),
                                                  LIBSSH2_KNOWNHOST_FILE_OPENSSH) < 0)
    return fail(ErrorKind::terminal, "the known hosts file " + hosts.file_ +
                                         " cannot be read as OpenSSH's: look at its lines");
  return hosts;
}

std::string KnownHosts::methods(const Address& address) const {
  std::string all;
  constexpr char no_key[] = "none";
  for (const Kind& kind : kinds)
    if (compare(hosts_.get(), address, no_key, sizeof no_key, kind.mask) ==
        LIBSSH2_KNOWNHOST_CHECK_MISMATCH)
      all.append(all.empty() ? "" : ",").append(kind.methods);
  return all;
}

Result<void> KnownHosts::check(LIBSSH2_SESSION* session, const Address& address) const {
  std::size_t size = 0;
  int shown = 0;
  const char* const key = libssh2_session_hostkey(session, &size, &shown);
  for (const Kind& kind : kinds)
    if (key != nullptr && kind.shown == shown &&
        compare(hosts_.get(), address, key, size, kind.mask) == LIBSSH2_KNOWNHOST_CHECK_MATCH)
      return {};
  const bool is_known = !methods(address).empty();
  return fail(
      ErrorKind::terminal,
      "the ssh server " + address.host + " port " + std::to_string(address.port) +
          " shows the key " + fingerprint(session) + ", " +
          (is_known ? "which is not the one in " : "and none of it is in ") + file_ +
          ": compare the fingerprint with the one that its operator publishes, then put the "
          "key there (ssh-keyscan)");
}

}  // namespace hvsec::source
