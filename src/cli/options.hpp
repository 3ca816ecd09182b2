#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reconciler/budget.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/report.hpp"
#include "reconciler/rollout.hpp"
#include "reconciler/verdict.hpp"
#include "src/platform/log.hpp"
#include "src/platform/terminal.hpp"

namespace hvsec::cli {

enum class Format : std::uint8_t {
  text,
  json,
  prometheus,  ///< Of a copy only.
};

/// A copy of the report, to be written to a file.
struct ReportFile {
  Format format = Format::text;
  std::string file;
};

/// A moment, or how long ago it was.
using Since = std::variant<WallTime, std::chrono::hours>;

/// What only `run` is asked.
struct RunOptions {
  std::string git_url;  ///< Empty: the manifests are files of this machine.
  std::string branch;   ///< Empty: the one that the remote's HEAD names.
  std::string path;     ///< Within the repository; empty: all of it.
  std::chrono::milliseconds git_poll = std::chrono::minutes(1);
  std::string git_username;  ///< Empty: the source's own default.
  std::string git_token_file;
  std::string git_ssh_key;
  std::string git_ssh_passphrase_file;
  std::string git_known_hosts;
  std::string git_ca_file;
  std::string verify_signatures;  ///< A file of public keys; empty: any commit is taken.
  bool allow_empty = false;
  std::chrono::milliseconds interval = std::chrono::minutes(5);
  std::chrono::milliseconds retry_interval = std::chrono::minutes(1);
  bool unsafe_interval = false;
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(30);
  std::string listen = "127.0.0.1:9477";  ///< "off": nowhere.
  int vm_series = 1000;
  std::string webhook;  ///< Empty: none.
  std::string webhook_secret_file;
  std::string webhook_ca_file;
};

/// What the command line and the HVSEC_* variables ask for. A command reads what it has a flag for.
struct Options {
  std::vector<std::string> manifests;  ///< Files and folders; empty: the current folder.
  Format output = Format::text;
  std::vector<ReportFile> reports;
  std::string ledger;       ///< Empty: the one in the state folder.
  std::vector<Glob> hosts;  ///< Empty: all.
  std::vector<Glob> vms;    ///< Empty: all.
  std::optional<ChangeCap> max_changes;
  RolloutPolicy rollout;
  RunOptions run;
  std::string plan_out;  ///< Where to write the plan; empty: nowhere.
  std::chrono::milliseconds valid_for = std::chrono::hours(24);
  bool detailed_exit_code = false;
  int drift_exit_code = 2;
  FailOn fail_on = FailOn::any;
  platform::Colour colour = platform::Colour::automatic;
  std::optional<platform::LogLevel> log_level;  ///< Empty: the command's own.
  platform::LogFormat log_format = platform::LogFormat::text;
  bool verbose = false;
  bool no_progress = false;
  std::chrono::milliseconds job_timeout = std::chrono::minutes(5);
  std::chrono::milliseconds request_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds host_timeout = std::chrono::minutes(2);
  int concurrent_hosts = 256;
  int concurrent_jobs = 64;
  std::optional<Since> since;       ///< Empty: from the beginning.
  std::vector<Verdict> verdicts;    ///< Empty: all.
  std::vector<SettingId> settings;  ///< Empty: all.
  int limit = 0;                    ///< The newest so many; 0: all.
  bool verify = false;
  std::optional<std::chrono::hours> older_than;
  std::string reason;                              ///< Why changes are suspended.
  std::optional<WallTime> until;                   ///< Empty: until it is lifted.
  std::optional<std::chrono::milliseconds> lasts;  ///< The same, from now on.
  bool all = false;                                ///< What is over, too.
  std::string argument;  ///< The word after the command, for those that take one.
};

}  // namespace hvsec::cli
