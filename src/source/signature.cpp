#include "src/source/signature.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <gpgme.h>
#include <memory>
#include <stdlib.h>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_keyring = std::size_t{4} << 20;

template <auto Free>
struct Released {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using Context = std::unique_ptr<std::remove_pointer_t<gpgme_ctx_t>, Released<gpgme_release>>;
using Data = std::unique_ptr<std::remove_pointer_t<gpgme_data_t>, Released<gpgme_data_release>>;

// A home for gpg that goes away.
class Home {
 public:
  explicit Home(const fs::path& scratch) : folder_((scratch / "gnupg-XXXXXX").string()) {
    if (mkdtemp(folder_.data()) == nullptr) folder_.clear();
    // Public keys need no agent, and one would outlive us.
    if (!folder_.empty()) std::ofstream(fs::path(folder_) / "gpg.conf") << "no-autostart\n";
  }
  ~Home() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

// gpg may end while it is written to. Only the calling thread is kept from dying of it.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
  }
  ~NoPipeSignal() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t before_{};
};

tl::unexpected<Error> refuse(std::string why) { return fail(ErrorKind::terminal, std::move(why)); }

tl::unexpected<Error> gpg_failure(const std::string& what, gpgme_error_t error) {
  return refuse(what + ": " + gpgme_strerror(error) + " (is gpg installed?)");
}

Data data_of(std::string_view bytes) {
  gpgme_data_t made = nullptr;
  gpgme_data_new_from_mem(&made, bytes.data(), bytes.size(), 0);
  return Data(made);
}

Result<Context> open_context(const Home& home) {
  if (home.folder().empty())
    return refuse("no folder can be made to check signatures in: " +
                  std::generic_category().message(errno));
  gpgme_check_version(nullptr);
  gpgme_ctx_t made = nullptr;
  gpgme_error_t error = gpgme_new(&made);
  if (error != 0) return gpg_failure("signatures cannot be checked", error);
  Context context(made);
  error = gpgme_set_protocol(made, GPGME_PROTOCOL_OpenPGP);
  if (error == 0)
    error = gpgme_ctx_set_engine_info(made, GPGME_PROTOCOL_OpenPGP, nullptr, home.folder().c_str());
  if (error != 0) return gpg_failure("signatures cannot be checked", error);
  return context;
}

Result<void> import(const Context& context, const std::string& keyring, const std::string& file) {
  const Data keys = data_of(keyring);
  const gpgme_error_t error = gpgme_op_import(context.get(), keys.get());
  if (error != 0) return gpg_failure("the keyring " + file + " cannot be read", error);
  const gpgme_import_result_t result = gpgme_op_import_result(context.get());
  if (result == nullptr || result->imported == 0)
    return refuse("the keyring " + file +
                  " holds no public key; write one with gpg --export --armor KEY");
  return {};
}

std::string fault(gpgme_err_code_t code) {
  switch (code) {
    case GPG_ERR_BAD_SIGNATURE:
      return "does not fit what was signed: the commit was changed after that";
    case GPG_ERR_NO_PUBKEY:
      return "is of a key that is not in the keyring";
    case GPG_ERR_KEY_EXPIRED:
      return "is of a key that has expired";
    case GPG_ERR_CERT_REVOKED:
      return "is of a key that was revoked";
    case GPG_ERR_SIG_EXPIRED:
      return "has expired";
    default:
      return std::string("cannot be checked (") + gpgme_strerror(code) + ")";
  }
}

struct Signed {
  std::string signature;
  std::string content;
};

// Empty: it is not signed.
Result<Signed> take_signature(Mirror& mirror, const git_oid& commit) {
  git_oid id = commit;
  git_buf signature = GIT_BUF_INIT;
  git_buf content = GIT_BUF_INIT;
  const int code =
      git_commit_extract_signature(&signature, &content, mirror.repository(), &id, nullptr);
  Signed found;
  if (code == 0) found = {{signature.ptr, signature.size}, {content.ptr, content.size}};
  git_buf_dispose(&signature);
  git_buf_dispose(&content);
  // The object itself was read before.
  if (code != 0 && code != GIT_ENOTFOUND)
    return refuse("the signature of commit " + text(commit) +
                  " cannot be read: " + git::last_error());
  return found;
}

Result<void> judge(gpgme_signature_t first, const std::string& of_commit,
                   const std::string& keyring_file) {
  if (first == nullptr) return refuse(of_commit + " has no signature of OpenPGP's");
  for (gpgme_signature_t one = first; one != nullptr; one = one->next) {
    const gpgme_err_code_t code = gpgme_err_code(one->status);
    if (code == GPG_ERR_NO_ERROR) continue;
    return refuse("the signature of " + of_commit + " by key " +
                  (one->fpr == nullptr ? "unknown" : one->fpr) + " " + fault(code) +
                  "; a good one by a key of " + keyring_file + " is expected");
  }
  return {};
}

}  // namespace

Result<std::string> read_keyring(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string keys(most_keyring + 1, '\0');
  stream.read(keys.data(), static_cast<std::streamsize>(keys.size()));
  keys.resize(static_cast<std::size_t>(stream.gcount()));
  if (keys.empty()) return refuse("the keyring " + file + " cannot be read, or is empty");
  if (keys.size() > most_keyring) return refuse("the keyring " + file + " is larger than 4 MiB");
  return keys;
}

Result<void> check_signature(Mirror& mirror, const git_oid& commit, const std::string& keyring,
                             const std::string& keyring_file, const fs::path& scratch) {
  if (const auto found = mirror.commit(commit); !found) return fail(found.error());
  const auto found = take_signature(mirror, commit);
  if (!found) return fail(found.error());
  const std::string of_commit = "commit " + text(commit);
  if (found->signature.empty())
    return refuse(of_commit + " is not signed; a signature by a key of " + keyring_file +
                  " is expected");
  if (!found->signature.starts_with("-----BEGIN PGP"))
    return refuse(of_commit + " is signed, but not by OpenPGP (gpg), which alone is understood");

  const NoPipeSignal shield;
  const Home home(scratch);
  const auto context = open_context(home);
  if (!context) return fail(context.error());
  if (const auto known = import(*context, keyring, keyring_file); !known) return known;
  const Data signature = data_of(found->signature);
  const Data content = data_of(found->content);
  const gpgme_error_t error =
      gpgme_op_verify(context->get(), signature.get(), content.get(), nullptr);
  if (error != 0) return gpg_failure("the signature of " + of_commit + " cannot be checked", error);
  const gpgme_verify_result_t result = gpgme_op_verify_result(context->get());
  return judge(result == nullptr ? nullptr : result->signatures, of_commit, keyring_file);
}

}  // namespace hvsec::source
