#include "src/source/ssh.hpp"

#include <optional>
#include <utility>

#include "src/source/known_hosts.hpp"

namespace hvsec::source {
namespace {

using boost::system::error_code;

constexpr std::size_t most_complaint = 500;

struct Library {
  Library() { libssh2_init(0); }
  ~Library() { libssh2_exit(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

// Goes on until libssh2 has nothing left to say goodbye with: over a connection that is shut down
// it gives up at once, and only then is everything freed.
struct FreeSession {
  void operator()(LIBSSH2_SESSION* session) const {
    while (libssh2_session_free(session) == LIBSSH2_ERROR_EAGAIN) continue;
  }
};
struct FreeChannel {
  void operator()(LIBSSH2_CHANNEL* channel) const { libssh2_channel_free(channel); }
};

// As a word of the shell that the server gives it to.
std::string quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) {
    if (c == '\'' || c == '!')
      out.append("'\\").append(1, c).append("'");
    else
      out.push_back(c);
  }
  return out + "'";
}

// What a stranger says, fit for one line of a log.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = ' ';
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// What libssh2 says of a key that it cannot read or open.
bool is_about_the_key(ssize_t code) {
  return code == LIBSSH2_ERROR_FILE || code == LIBSSH2_ERROR_METHOD_NOT_SUPPORTED ||
         code == LIBSSH2_ERROR_PROTO || code == LIBSSH2_ERROR_DECRYPT ||
         code == LIBSSH2_ERROR_KEYFILE_AUTH_FAILED;
}

class SshChannel final : public Channel {
 public:
  SshChannel(Line& line, Address address, SshOptions options)
      : line_(line), address_(std::move(address)), options_(std::move(options)) {}
  ~SshChannel() override { shut_down(); }
  SshChannel(const SshChannel&) = delete;
  SshChannel& operator=(const SshChannel&) = delete;

  Result<void> begin(Topic /*topic*/) override {
    if (channel_) return {};
    if (const auto connected = line_.connect(address_); !connected) return connected;
    session_.reset(libssh2_session_init());
    if (!session_) return fail(ErrorKind::terminal, "libssh2 cannot be set up");
    libssh2_session_set_blocking(session_.get(), 0);
    if (const auto known = shake_hands(); !known) return known;
    if (const auto let_in = log_on(); !let_in) return let_in;
    return run_upload_pack();
  }

  Result<void> write(std::span<const char> bytes) override {
    while (!bytes.empty()) {
      const auto written = until_done(
          [&] { return libssh2_channel_write(channel_.get(), bytes.data(), bytes.size()); });
      if (!written) return fail(written.error());
      if (*written < 0) return fail(lost());
      bytes = bytes.subspan(static_cast<std::size_t>(*written));
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> into) override {
    const auto got =
        until_done([&] { return libssh2_channel_read(channel_.get(), into.data(), into.size()); });
    if (!got) return fail(got.error());
    if (*got < 0) return fail(lost());
    if (*got == 0 && !std::exchange(has_answered_, true)) return fail(complaint());
    has_answered_ = true;
    return static_cast<std::size_t>(*got);
  }

  [[nodiscard]] bool is_stateless() const override { return false; }

 private:
  // Repeats a call of libssh2 until it no longer wants to wait for the network.
  template <class Call>
  Result<ssize_t> until_done(Call call) {
    while (true) {
      const ssize_t code = call();
      if (code != LIBSSH2_ERROR_EAGAIN) return code;
      if (const auto ready = wait_for_network(); !ready) return fail(ready.error());
    }
  }

  Result<void> wait_for_network() {
    const bool to_write =
        (libssh2_session_block_directions(session_.get()) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
    const auto what = to_write ? boost::asio::ip::tcp::socket::wait_write
                               : boost::asio::ip::tcp::socket::wait_read;
    const error_code error = line_.wait([&](Line::Done done) {
      line_.socket().async_wait(what, [done](error_code failed) { done(failed, 0); });
    });
    if (error) return fail(broken(line_, address_, error));
    return {};
  }

  Result<void> shake_hands() {
    auto hosts = KnownHosts::read(session_.get(), options_.known_hosts_file);
    if (!hosts) return fail(hosts.error());
    const std::string methods = hosts->methods(address_);
    if (!methods.empty())
      libssh2_session_method_pref(session_.get(), LIBSSH2_METHOD_HOSTKEY, methods.c_str());
    const auto done = until_done([&]() -> ssize_t {
      return libssh2_session_handshake(session_.get(), line_.socket().native_handle());
    });
    if (!done) return fail(done.error());
    if (*done != 0) return fail(lost());
    return hosts->check(session_.get(), address_);
  }

  Result<void> log_on() {
    const auto done = until_done([&]() -> ssize_t {
      return libssh2_userauth_publickey_frommemory(
          session_.get(), address_.user.c_str(), address_.user.size(), nullptr, 0,
          options_.key.c_str(), options_.key.size(), options_.passphrase.c_str());
    });
    if (!done) return fail(done.error());
    if (*done == 0) return {};
    if (is_about_the_key(*done))
      return fail(ErrorKind::terminal, "the ssh key in " + options_.key_file +
                                           " cannot be used: is it a private key of ssh-keygen, "
                                           "and its passphrase the right one?");
    if (*done == LIBSSH2_ERROR_AUTHENTICATION_FAILED || *done == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED)
      return fail(ErrorKind::terminal,
                  address_.shown + " refuses the ssh key in " + options_.key_file +
                      " for the user " + address_.user +
                      ": is its public key registered there? Use an ed25519 or ecdsa key: libssh2 "
                      "signs with RSA keys as servers no longer allow");
    return fail(lost());
  }

  Result<void> run_upload_pack() {
    LIBSSH2_CHANNEL* opened = nullptr;
    const auto done = until_done([&]() -> ssize_t {
      opened = libssh2_channel_open_session(session_.get());
      return opened == nullptr ? libssh2_session_last_errno(session_.get()) : 0;
    });
    if (!done) return fail(done.error());
    if (opened == nullptr) return fail(lost());
    channel_.reset(opened);
    const std::string command = "git-upload-pack " + quoted(address_.path);
    const auto run = until_done(
        [&]() -> ssize_t { return libssh2_channel_exec(channel_.get(), command.c_str()); });
    if (!run) return fail(run.error());
    if (*run != 0) return fail(lost());
    return {};
  }

  void shut_down() {
    error_code ignored;
    line_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  }

  Error lost() {
    char* text = nullptr;
    const int code = libssh2_session_last_error(session_.get(), &text, nullptr, 0);
    return {ErrorKind::transient,
            {},
            address_.host + " port " + std::to_string(address_.port) + ": " +
                (text == nullptr ? "ssh failed" : one_line(text)) + " (libssh2 " +
                std::to_string(code) + ")"};
  }

  // The program at the other end closed without a word: what it said to its user.
  Error complaint() {
    std::string said(most_complaint, '\0');
    const auto got = until_done(
        [&] { return libssh2_channel_read_stderr(channel_.get(), said.data(), said.size()); });
    said.resize(got && *got > 0 ? static_cast<std::size_t>(*got) : 0);
    return {ErrorKind::terminal,
            {},
            address_.shown + " gives no repository" + (said.empty() ? "" : ": " + one_line(said))};
  }

  Library library_;
  Line& line_;
  Address address_;
  SshOptions options_;
  std::unique_ptr<LIBSSH2_SESSION, FreeSession> session_;
  std::unique_ptr<LIBSSH2_CHANNEL, FreeChannel> channel_;
  bool has_answered_ = false;
};

}  // namespace

std::unique_ptr<Channel> make_ssh_channel(Line& line, Address address, SshOptions options) {
  return std::make_unique<SshChannel>(line, std::move(address), std::move(options));
}

}  // namespace hvsec::source
