#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "reconciler/budget.hpp"
#include "reconciler/result.hpp"
#include "reconciler/rollout.hpp"
#include "src/cli/options.hpp"

/// How the values of flags are written. Each function's error is the end of a sentence that begins
/// with the flag: "is not a duration; write for example 30s, 5m or 1h30m".
namespace hvsec::cli {

/// "500ms", "30s", "5m", "1h30m": numbers with units, the larger unit first. Above zero, up to a
/// day.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "5": so many VMs of the whole run; "10%": so many of each host's managed VMs. Zero is a cap too.
Result<ChangeCap> parse_change_cap(std::string_view text);

/// "5": so many failed changes; "10%": such a share of them. Above zero.
Result<FailureLimit> parse_failure_limit(std::string_view text);

/// "36h", "90d", "12w": whole hours, days or weeks. Above zero, up to a hundred years.
Result<std::chrono::hours> parse_age(std::string_view text);

/// Either of the two: "90m", "4h", "3d", "2w".
Result<std::chrono::milliseconds> parse_span(std::string_view text);

/// A time with its zone, or a date: the end of that day in UTC.
Result<WallTime> parse_until(std::string_view text);

/// A few words, in one line.
Result<std::string> parse_reason(std::string_view text);

/// A time with its zone, a date (from when it begins in UTC), or an age: "24h", "7d".
Result<Since> parse_since(std::string_view text);

/// "notApplied", as reports call it.
Result<Verdict> parse_verdict(std::string_view text);

/// "tpmEnabled", as manifests call it.
Result<SettingId> parse_setting(std::string_view text);

/// A decimal number from `least` to `most`.
Result<int> parse_number(std::string_view text, int least, int most);

/// 1 to 125, without those whose bit for 4 ("failed") is set: `6` has to keep meaning both.
Result<int> parse_drift_exit_code(std::string_view text);

/// "true" or "false", also "1" or "0", as variables have them.
Result<bool> parse_switch(std::string_view text);

/// "json:report.json", "prometheus:/var/lib/prometheus/node-exporter/hvsec.prom".
Result<ReportFile> parse_report_file(std::string_view text);

}  // namespace hvsec::cli
