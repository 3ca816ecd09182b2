#include <array>

#include "src/cli/flag_values.hpp"
#include "src/cli/grammar.hpp"
#include "src/cli/values.hpp"

namespace hvsec::cli {
namespace {

constexpr CommandSet run = only(Command::run);
constexpr CommandSet changing = only(Command::apply) | run;

constexpr auto set_switch = [](bool& target, const std::string& text) {
  return store(target, parse_switch(text));
};

constexpr auto set_duration = [](std::chrono::milliseconds& target, const std::string& text) {
  return store(target, parse_duration(text));
};

// A flag whose value is taken as it is.
FlagSpec text_flag(std::string_view name, std::string_view value, std::string_view help,
                   FlagGroup group, Result<void> (*set)(Options&, const std::string&),
                   bool file = false) {
  return {.name = name,
          .value = value,
          .help = help,
          .group = group,
          .commands = run,
          .set = set,
          .file = file};
}

const std::array table = {
    text_flag("git", "URL",
              "Take the manifests from this repository: https, ssh, git@host:path, or a folder",
              FlagGroup::source,
              [](Options& o, const std::string& text) { return set_text(o.run.git_url, text); }),
    text_flag("branch", "NAME", "Of the repository (default: what its HEAD names)",
              FlagGroup::source,
              [](Options& o, const std::string& text) { return set_text(o.run.branch, text); }),
    text_flag("path", "PATH", "Folder or file within the repository (default: all of it)",
              FlagGroup::source,
              [](Options& o, const std::string& text) { return set_text(o.run.path, text); }),
    text_flag(
        "git-poll", "TIME",
        "How often the repository is asked; SIGUSR1 asks at once (default: 1m, at least 10s)",
        FlagGroup::source,
        [](Options& o, const std::string& text) { return set_duration(o.run.git_poll, text); }),
    text_flag(
        "git-username", "NAME", "User that a token is sent for (default: git)", FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.git_username, text); }),
    text_flag(
        "git-token-file", "FILE", "Holds the token or password for https; read at each fetch",
        FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.git_token_file, text); },
        true),
    text_flag(
        "git-ssh-key", "FILE", "Private key for ssh", FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.git_ssh_key, text); },
        true),
    text_flag(
        "git-ssh-passphrase-file", "FILE", "Holds the passphrase of that key", FlagGroup::source,
        [](Options& o, const std::string& text) {
          return set_text(o.run.git_ssh_passphrase_file, text);
        },
        true),
    text_flag(
        "git-known-hosts", "FILE", "Keys of ssh servers; others are refused", FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.git_known_hosts, text); },
        true),
    text_flag(
        "git-ca-file", "FILE",
        "Authorities to trust for https to the repository (default: the system's)",
        FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.git_ca_file, text); },
        true),
    text_flag(
        "verify-signatures", "KEYRING",
        "Take only commits that a key of this file has signed (gpg --export)", FlagGroup::source,
        [](Options& o, const std::string& text) { return set_text(o.run.verify_signatures, text); },
        true),
    text_flag(
        "allow-empty", "", "Take manifests that leave no VM managed, too", FlagGroup::source,
        [](Options& o, const std::string& text) { return set_switch(o.run.allow_empty, text); }),
    text_flag(
        "interval", "TIME",
        "Between two passes over a host, give or take 5 % (default: 5m, at least 1m)",
        FlagGroup::loop,
        [](Options& o, const std::string& text) { return set_duration(o.run.interval, text); }),
    text_flag("retry-interval", "TIME",
              "After a pass that left something that may soon go better (default: 1m)",
              FlagGroup::loop,
              [](Options& o, const std::string& text) {
                return set_duration(o.run.retry_interval, text);
              }),
    text_flag("unsafe-interval", "", "Allow shorter intervals, for tests", FlagGroup::loop,
              [](Options& o, const std::string& text) {
                return set_switch(o.run.unsafe_interval, text);
              }),
    text_flag("drain-timeout", "TIME",
              "How long jobs are still followed once hvsec is told to stop (default: 30s)",
              FlagGroup::loop,
              [](Options& o, const std::string& text) {
                return set_duration(o.run.drain_timeout, text);
              }),
    text_flag("listen", "ADDRESS",
              "Serve /metrics, /status.json, /healthz and /readyz there; off: nowhere (default: "
              "127.0.0.1:9477)",
              FlagGroup::output,
              [](Options& o, const std::string& text) { return set_text(o.run.listen, text); }),
    text_flag("vm-series", "N",
              "Most VMs that get metrics of their own, those not in sync first (default: 1000)",
              FlagGroup::output,
              [](Options& o, const std::string& text) {
                return store(o.run.vm_series, parse_number(text, 0, 1'000'000));
              }),
    text_flag("webhook", "URL", "Tell this address what changes, as signed JSON", FlagGroup::output,
              [](Options& o, const std::string& text) { return set_text(o.run.webhook, text); }),
    text_flag(
        "webhook-secret-file", "FILE", "Holds the key of the signature; at least 16 bytes",
        FlagGroup::output,
        [](Options& o, const std::string& text) {
          return set_text(o.run.webhook_secret_file, text);
        },
        true),
    text_flag(
        "webhook-ca-file", "FILE", "Authorities to trust for it (default: the system's)",
        FlagGroup::output,
        [](Options& o, const std::string& text) { return set_text(o.run.webhook_ca_file, text); },
        true),
    FlagSpec{.name = "canary",
             .value = "N",
             .help = "Change N hosts first, and the others only when none of their changes failed",
             .group = FlagGroup::changes,
             .commands = changing,
             .set =
                 [](Options& o, const std::string& text) {
                   int hosts = 0;
                   auto taken = store(hosts, parse_number(text, 1, 10'000));
                   o.rollout.canary_hosts = static_cast<std::size_t>(hosts);
                   return taken;
                 }},
    FlagSpec{.name = "stop-on-failures",
             .value = "N|N%",
             .help = "Begin no further change once N changes, or more than N% of them, have failed",
             .group = FlagGroup::changes,
             .commands = changing,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.rollout.stop, parse_failure_limit(text));
                 }},
};

}  // namespace

std::span<const FlagSpec> run_flags() { return table; }

}  // namespace hvsec::cli
