#include "src/cli/run_sources.hpp"

#include <utility>

#include "src/cli/input.hpp"
#include "src/manifest/load.hpp"
#include "src/platform/aside.hpp"
#include "src/platform/secret_file.hpp"

namespace hvsec::cli {
namespace {

Result<std::string> read_secret_file(const std::string& file) {
  auto read = platform::read_secret({.file = file, .environment = {}},
                                    [](const std::string&) { return std::nullopt; });
  if (!read) return fail(read.error());
  return std::move(read->text);
}

// The first flag that means nothing without --git; empty: none is given.
std::string useless_without_git(const RunOptions& run) {
  if (!run.branch.empty()) return "--branch";
  if (!run.path.empty()) return "--path";
  if (!run.git_username.empty()) return "--git-username";
  if (!run.git_token_file.empty()) return "--git-token-file";
  if (!run.git_ssh_key.empty()) return "--git-ssh-key";
  if (!run.git_ssh_passphrase_file.empty()) return "--git-ssh-passphrase-file";
  if (!run.git_known_hosts.empty()) return "--git-known-hosts";
  if (!run.git_ca_file.empty()) return "--git-ca-file";
  if (!run.verify_signatures.empty()) return "--verify-signatures";
  return "";
}

source::GitOptions git_options(const RunOptions& run, const std::string& ledger) {
  source::GitOptions git;
  git.url = run.git_url;
  git.branch = run.branch;
  git.path = run.path;
  // The ledger's lock keeps a second process from it.
  git.state_folder = ledger + ".git";
  git.poll = run.git_poll;
  if (!run.git_username.empty()) git.username = run.git_username;
  git.token_file = run.git_token_file;
  git.ca_file = run.git_ca_file;
  git.ssh_key_file = run.git_ssh_key;
  git.ssh_passphrase_file = run.git_ssh_passphrase_file;
  git.known_hosts_file = run.git_known_hosts;
  git.verify_keyring = run.verify_signatures;
  git.read_secret = read_secret_file;
  return git;
}

// What the thread reads; what it has to say of revisions is collected, since the log is not its.
struct Read {
  daemon::Loaded loaded;
  std::vector<std::string> warnings;
};

// A log that keeps warnings for whoever may write them.
class Warnings final : public platform::Log {
 public:
  void write(const platform::LogRecord& record) override { texts.emplace_back(record.message); }
  std::vector<std::string> texts;
};

Read read_snapshot(const source::Snapshot& snapshot, const Runtime& runtime) {
  Read read;
  manifest::LoadResult result = manifest::load(snapshot.paths);
  for (const manifest::Diagnostic& mistake : result.errors)
    read.loaded.mistakes.push_back(manifest::text(mistake));
  read.loaded.manifests = std::move(result.manifests);
  read.loaded.keep = snapshot.keep;
  Warnings warnings;
  if (snapshot.revision)
    read.loaded.manifests.revisions = {*snapshot.revision};
  else
    read.loaded.manifests.revisions = runtime.revisions(result.sources, warnings);
  read.warnings = std::move(warnings.texts);
  return read;
}

awaitable<daemon::Loaded> load_aside(source::Snapshot snapshot, const Runtime& runtime,
                                     platform::Log& log) {
  const std::function<Result<Read>()> work = [snapshot = std::move(snapshot), &runtime] {
    return Result<Read>(read_snapshot(snapshot, runtime));
  };
  auto read = co_await platform::run_aside<Read>(work);
  daemon::Loaded loaded;
  if (!read) {
    loaded.mistakes.push_back(text(read.error()));
    co_return loaded;
  }
  for (const std::string& warning : read->warnings)
    log.write({.level = platform::LogLevel::warn, .message = warning});
  co_return std::move(read->loaded);
}

}  // namespace

Result<std::unique_ptr<source::Source>> make_source(const Options& options,
                                                    const std::string& ledger,
                                                    const Running& running, Work& work) {
  Clock& clock = work.ports().clock;
  if (!options.run.git_url.empty()) {
    if (!options.manifests.empty())
      return fail(ErrorKind::invalid, "give --git or --manifests, not both");
    return running.git_source(work.executor(), clock, git_options(options.run, ledger));
  }
  if (const std::string flag = useless_without_git(options.run); !flag.empty())
    return fail(ErrorKind::invalid, flag + " needs --git, which names the repository");
  std::vector<std::string> paths = manifest_paths(options);
  for (const std::string& path : paths)
    if (path == "-")
      return fail(ErrorKind::invalid, "--manifests: the standard input cannot be watched");
  source::FolderOptions watch;
  watch.warn = [&work](const std::string& sentence) {
    work.log().write({.level = platform::LogLevel::warn, .message = sentence});
  };
  return running.folder_source(work.executor(), clock, std::move(paths), std::move(watch));
}

Result<std::unique_ptr<webhook::Webhook>> make_webhook(const Options& options, Console& console,
                                                       const Running& running, Work& work) {
  if (options.run.webhook.empty()) {
    if (!options.run.webhook_secret_file.empty())
      return fail(ErrorKind::invalid,
                  "--webhook-secret-file needs --webhook, which says whom to tell");
    return std::unique_ptr<webhook::Webhook>();
  }
  if (options.run.webhook_secret_file.empty())
    return fail(ErrorKind::invalid,
                "--webhook needs --webhook-secret-file: what is told is signed, so that the "
                "receiver can know it for hvsec's");
  auto secret = platform::read_secret({.file = options.run.webhook_secret_file, .environment = {}},
                                      console.environment);
  if (!secret) return fail(secret.error());
  if (!secret->warning.empty())
    work.log().write({.level = platform::LogLevel::warn, .message = secret->warning});
  webhook::Options told;
  told.url = options.run.webhook;
  told.secret = std::move(secret->text);
  told.ca_file = options.run.webhook_ca_file;
  return running.make_webhook(
      std::move(told), work.executor(), [&work](const webhook::Notice& notice) {
        work.log().write(
            {.level = notice.trouble ? platform::LogLevel::warn : platform::LogLevel::info,
             .message = notice.message});
      });
}

std::function<awaitable<daemon::Loaded>(source::Snapshot)> loader(const Runtime& runtime,
                                                                  Work& work) {
  return [&runtime, &log = work.log()](source::Snapshot snapshot) {
    return load_aside(std::move(snapshot), runtime, log);
  };
}

}  // namespace hvsec::cli
