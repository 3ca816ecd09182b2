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

/// What the command line and the HVSEC_* variables ask for. A command reads what it has a flag for.
struct Options {
  std::vector<std::string> manifests;  ///< Files and folders; empty: the current folder.
  Format output = Format::text;
  std::vector<ReportFile> reports;
  std::string ledger;       ///< Empty: the one in the state folder.
  std::vector<Glob> hosts;  ///< Empty: all.
  std::vector<Glob> vms;    ///< Empty: all.
  std::optional<ChangeCap> max_changes;
  std::string plan_out;  ///< Where to write the plan; empty: nowhere.
  std::chrono::milliseconds valid_for = std::chrono::hours(24);
  bool detailed_exit_code = false;
  int drift_exit_code = 2;
  FailOn fail_on = FailOn::any;
  platform::Colour colour = platform::Colour::automatic;
  platform::LogLevel log_level = platform::LogLevel::warn;
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
