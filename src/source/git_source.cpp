#include "src/source/git_source.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "reconciler/timeout.hpp"
#include "src/platform/aside.hpp"
#include "src/source/address.hpp"
#include "src/source/git_fetch.hpp"
#include "src/source/line.hpp"

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refuse(const std::string& why) { return fail(ErrorKind::invalid, why); }

// Without "." and empty names. Errors: it leads out of the repository.
Result<std::string> normal_path(const std::string& path) {
  fs::path normal = fs::path(path).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();
  if (normal == ".") normal.clear();
  if (normal.is_absolute() || (!normal.empty() && *normal.begin() == ".."))
    return refuse(
        "the path in the git repository has to lie within it, without a / at its front: " + path);
  return normal.string();
}

Result<void> check_options(const GitOptions& options, const Address& address) {
  const bool is_https = address.scheme == Address::Scheme::https;
  const bool is_ssh = address.scheme == Address::Scheme::ssh;
  if (options.state_folder.empty())
    return refuse("a git remote needs a folder to keep what was fetched in");
  if (!is_https && (!options.token_file.empty() || !options.ca_file.empty()))
    return refuse("a token file or CA file is for a git remote over https only");
  if (!is_ssh && !(options.ssh_key_file.empty() && options.ssh_passphrase_file.empty()))
    return refuse("an ssh key is for a git remote over ssh only");
  if (is_ssh && options.ssh_key_file.empty())
    return refuse("a git remote over ssh needs a private key file");
  if (is_ssh && options.known_hosts_file.empty())
    return refuse(
        "a git remote over ssh needs a known hosts file: the server's key is never "
        "trusted unseen");
  if (!options.branch.empty() && !is_branch(options.branch))
    return refuse("git allows no branch of that name: " + options.branch);
  return {};
}

class GitSource final : public Source {
 public:
  GitSource(Clock& clock, Address address, GitOptions options)
      : clock_(clock),
        options_(options),
        name_(address.shown + (options.branch.empty() ? "" : ", branch " + options.branch) +
              (options.path.empty() ? "" : ", path " + options.path)),
        state_(std::make_shared<GitFetch>(std::move(address), std::move(options))) {}

  awaitable<Result<Snapshot>> fetch() override {
    auto secrets = read_secrets();
    if (!secrets) co_return fail(secrets.error());
    const auto line = std::make_shared<Line>();
    const Cut cut(line);
    auto work = [state = state_, line, secrets = *std::move(secrets)]() {
      return state->fetch(*line, secrets);
    };
    std::function<Result<Snapshot>()> job = std::move(work);
    auto limited = with_timeout(platform::run_aside<Snapshot>(std::move(job)), clock_,
                                options_.limits.time, ErrorKind::transient, name_);
    co_return co_await std::move(limited);
  }

  awaitable<void> keep(Snapshot snapshot) override {
    if (!snapshot.revision) co_return;
    const auto line = std::make_shared<Line>();
    const Cut cut(line);
    auto work = [state = state_, line, commit = snapshot.revision->commit]() {
      return state->keep(commit, *line);
    };
    std::function<Result<void>()> job = std::move(work);
    auto limited = with_timeout(platform::run_aside<void>(std::move(job)), clock_,
                                options_.limits.time, ErrorKind::terminal, name_);
    // What was not kept costs nothing but the manifests of a start without the remote.
    static_cast<void>(co_await std::move(limited));
  }

  awaitable<Result<std::optional<Snapshot>>> kept() override {
    const auto line = std::make_shared<Line>();
    const Cut cut(line);
    auto work = [state = state_, line]() { return state->kept(*line); };
    std::function<Result<std::optional<Snapshot>>()> job = std::move(work);
    auto limited = with_timeout(platform::run_aside<std::optional<Snapshot>>(std::move(job)),
                                clock_, options_.limits.time, ErrorKind::terminal, name_);
    co_return co_await std::move(limited);
  }

  awaitable<void> changed() override { co_await clock_.sleep_for(options_.poll); }

  [[nodiscard]] std::string name() const override { return name_; }

 private:
  // Nobody waits for the thread any more: it is to end soon.
  class Cut {
   public:
    explicit Cut(std::shared_ptr<Line> line) : line_(std::move(line)) {}
    ~Cut() { line_->cut(); }
    Cut(const Cut&) = delete;
    Cut& operator=(const Cut&) = delete;

   private:
    std::shared_ptr<Line> line_;
  };

  // Anew each time, since tokens and keys are rotated.
  Result<GitSecrets> read_secrets() {
    GitSecrets secrets;
    const auto read = [&](const std::string& file, std::string& into) -> Result<void> {
      if (file.empty()) return {};
      auto text = options_.read_secret(file);
      if (!text) return fail(ErrorKind::terminal, text.error().code, text.error().detail);
      into = *std::move(text);
      return {};
    };
    if (const auto done = read(options_.token_file, secrets.token); !done)
      return fail(done.error());
    if (const auto done = read(options_.ssh_key_file, secrets.ssh_key); !done)
      return fail(done.error());
    if (const auto done = read(options_.ssh_passphrase_file, secrets.ssh_passphrase); !done)
      return fail(done.error());
    return secrets;
  }

  Clock& clock_;
  GitOptions options_;
  std::string name_;
  std::shared_ptr<GitFetch> state_;
};

}  // namespace

Result<std::unique_ptr<Source>> make_git_source(boost::asio::any_io_executor /*executor*/,
                                                Clock& clock, GitOptions options) {
  auto address = parse_address(options.url);
  if (!address) return fail(address.error());
  if (const auto checked = check_options(options, *address); !checked) return fail(checked.error());
  auto path = normal_path(options.path);
  if (!path) return fail(path.error());
  options.path = *std::move(path);
  return std::make_unique<GitSource>(clock, *std::move(address), std::move(options));
}

}  // namespace hvsec::source
