#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "src/cli/flag_values.hpp"
#include "src/cli/grammar.hpp"
#include "src/cli/values.hpp"

namespace hvsec::cli {
namespace {

constexpr CommandSet passes = only(Command::plan) | only(Command::check) | only(Command::apply);
constexpr CommandSet changing = only(Command::apply) | only(Command::run);
constexpr CommandSet on_hosts =
    passes | only(Command::run) | only(Command::export_manifests) | only(Command::hosts);
constexpr CommandSet on_manifests = on_hosts | only(Command::validate);
constexpr CommandSet on_history =
    only(Command::history) | only(Command::history_show) | only(Command::history_prune);
constexpr CommandSet on_suspensions =
    only(Command::suspend) | only(Command::resume) | only(Command::suspensions);
constexpr CommandSet with_output = passes | only(Command::suspensions) | only(Command::validate) |
                                   only(Command::explain) | only(Command::hosts) |
                                   only(Command::version) | on_history;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array<std::string_view, 2> causes = {"corrective", "any"};
constexpr std::array<std::string_view, 3> colours = {"auto", "always", "never"};
constexpr std::array<std::string_view, 6> levels = {"trace", "debug", "info",
                                                    "warn",  "error", "off"};

// In the order in which reports count them.
constexpr std::array<std::string_view, 11> verdicts = {
    "inSync",  "corrected", "waived",     "unsupported",   "deferred", "blocked",
    "drifted", "failed",    "notApplied", "indeterminate", "unknown"};

const std::array<std::string_view, setting_count> settings = [] {
  std::array<std::string_view, setting_count> names;
  std::ranges::transform(schema::setting_table(), names.begin(), &SettingSpec::name);
  return names;
}();

const std::array table = {
    FlagSpec{
        .name = "manifests",
        .letter = 'm',
        .value = "PATH",
        .help = "File or folder of manifests (default: the current folder)",
        .group = FlagGroup::input,
        .commands = on_manifests,
        .set = [](Options& o,
                  const std::string& text) { return set_text(o.manifests.emplace_back(), text); },
        .repeatable = true,
        .file = true},
    FlagSpec{.name = "host",
             .letter = '\0',
             .value = "GLOB",
             .help = "Only hosts whose name matches; * and ? are wildcards",
             .group = FlagGroup::input,
             .commands = on_hosts | only(Command::history),
             .set = [](Options& o, const std::string& text) { return add_glob(o.hosts, text); },
             .repeatable = true},
    FlagSpec{.name = "vm",
             .letter = '\0',
             .value = "GLOB",
             .help = "Only VMs whose name or id matches",
             .group = FlagGroup::input,
             .commands = passes | only(Command::run) | only(Command::export_manifests) |
                         only(Command::history),
             .set = [](Options& o, const std::string& text) { return add_glob(o.vms, text); },
             .repeatable = true},
    FlagSpec{.name = "setting",
             .letter = '\0',
             .value = "NAME",
             .help = "Only changes of this setting",
             .group = FlagGroup::input,
             .commands = only(Command::history),
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.settings.emplace_back(), parse_setting(text));
                 },
             .choices = settings,
             .repeatable = true},
    FlagSpec{.name = "verdict",
             .letter = '\0',
             .value = "VERDICT",
             .help = "Only changes that came out so: corrected, failed, notApplied, indeterminate "
                     "(which open ones are, too), ...",
             .group = FlagGroup::input,
             .commands = only(Command::history),
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.verdicts.emplace_back(), parse_verdict(text));
                 },
             .choices = verdicts,
             .repeatable = true},
    FlagSpec{
        .name = "since",
        .letter = '\0',
        .value = "TIME",
        .help = "Only changes with a record since then: a time, a date or a span back, as in 7d",
        .group = FlagGroup::input,
        .commands = only(Command::history),
        .set = [](Options& o,
                  const std::string& text) { return store(o.since, parse_since(text)); }},
    FlagSpec{.name = "limit",
             .letter = '\0',
             .value = "N",
             .help = "Only the newest N changes",
             .group = FlagGroup::input,
             .commands = only(Command::history),
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.limit, parse_number(text, 1, 1'000'000'000));
                 }},
    FlagSpec{.name = "verify",
             .letter = '\0',
             .value = "",
             .help = "Prove instead that the record is whole and as it was written",
             .group = FlagGroup::input,
             .commands = only(Command::history),
             .set = [](Options& o,
                       const std::string& text) { return store(o.verify, parse_switch(text)); }},
    FlagSpec{.name = "older-than",
             .letter = '\0',
             .value = "AGE",
             .help = "Prune what ended longer ago than this, for example 90d, 12w or 36h",
             .group = FlagGroup::input,
             .commands = only(Command::history_prune),
             .set = [](Options& o,
                       const std::string& text) { return store(o.older_than, parse_age(text)); }},
    FlagSpec{.name = "reason",
             .letter = '\0',
             .value = "TEXT",
             .help = "Why, for whoever finds it suspended; has to be given",
             .group = FlagGroup::changes,
             .commands = only(Command::suspend),
             .set = [](Options& o,
                       const std::string& text) { return store(o.reason, parse_reason(text)); }},
    FlagSpec{.name = "until",
             .letter = '\0',
             .value = "TIME",
             .help = "When it ends by itself: a time with its zone, or a date, which ends with "
                     "that day in UTC (default: when it is lifted)",
             .group = FlagGroup::changes,
             .commands = only(Command::suspend),
             .set = [](Options& o,
                       const std::string& text) { return store(o.until, parse_until(text)); }},
    FlagSpec{.name = "for",
             .letter = '\0',
             .value = "TIME",
             .help = "The same from now on, for example 90m, 4h, 3d or 2w",
             .group = FlagGroup::changes,
             .commands = only(Command::suspend),
             .set = [](Options& o,
                       const std::string& text) { return store(o.lasts, parse_span(text)); }},
    FlagSpec{.name = "all",
             .letter = '\0',
             .value = "",
             .help = "List those that ended or were lifted, too",
             .group = FlagGroup::output,
             .commands = only(Command::suspensions),
             .set = [](Options& o,
                       const std::string& text) { return store(o.all, parse_switch(text)); }},
    FlagSpec{.name = "ledger",
             .letter = '\0',
             .value = "FILE",
             .help = "Record of all changes (default: ledger.db in the state folder, "
                     "/var/lib/hvsec or ~/.local/state/hvsec)",
             .group = FlagGroup::changes,
             .commands = passes | only(Command::run) | on_history | on_suspensions,
             .set = [](Options& o, const std::string& text) { return set_text(o.ledger, text); },
             .file = true},
    FlagSpec{.name = "max-changes",
             .letter = '\0',
             .value = "N|N%",
             .help = "Change at most N VMs, or N% of each host's managed VMs; the rest is deferred",
             .group = FlagGroup::changes,
             .commands = only(Command::plan) | changing,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.max_changes, parse_change_cap(text));
                 }},
    FlagSpec{.name = "out",
             .letter = '\0',
             .value = "FILE",
             .help = "Write the plan to a file, for \"hvsec apply FILE\"",
             .group = FlagGroup::changes,
             .commands = only(Command::plan),
             .set = [](Options& o, const std::string& text) { return set_text(o.plan_out, text); },
             .file = true},
    FlagSpec{
        .name = "valid-for",
        .letter = '\0',
        .value = "TIME",
        .help = "For how long the plan in --out may be applied, up to a day (default: 24h)",
        .group = FlagGroup::changes,
        .commands = only(Command::plan),
        .set = [](Options& o,
                  const std::string& text) { return store(o.valid_for, parse_duration(text)); }},
    FlagSpec{.name = "detailed-exitcode",
             .letter = '\0',
             .value = "",
             .help = "End with the drift exit code when something was changed, too",
             .group = FlagGroup::changes,
             .commands = only(Command::apply),
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.detailed_exit_code, parse_switch(text));
                 }},
    FlagSpec{.name = "drift-exit-code",
             .letter = '\0',
             .value = "N",
             .help = "Exit code for drift, 1 to 125 without the bit of 4 (default: 2); 1 is also "
                     "what \"could not run\" gives",
             .group = FlagGroup::output,
             .commands = passes,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.drift_exit_code, parse_drift_exit_code(text));
                 }},
    FlagSpec{
        .name = "fail-on",
        .letter = '\0',
        .value = "CAUSE",
        .help =
            "Which drift the exit code counts: any, or corrective, which leaves out what only a "
            "changed manifest asks for (default: any)",
        .group = FlagGroup::output,
        .commands = passes,
        .set = [](Options& o, const std::string& text) { return choose(o.fail_on, causes, text); },
        .choices = causes},
    FlagSpec{
        .name = "output",
        .letter = 'o',
        .value = "FORMAT",
        .help = "What to print: text or json (default: text)",
        .group = FlagGroup::output,
        .commands = with_output,
        .set = [](Options& o, const std::string& text) { return choose(o.output, formats, text); },
        .choices = formats},
    FlagSpec{.name = "report",
             .letter = '\0',
             .value = "FORMAT:FILE",
             .help = "Write the report to a file, too: text:FILE, json:FILE or prometheus:FILE",
             .group = FlagGroup::output,
             .commands = passes,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.reports.emplace_back(), parse_report_file(text));
                 },
             .repeatable = true},
    FlagSpec{.name = "verbose",
             .letter = 'v',
             .value = "",
             .help = "List what is in sync and unmanaged, too",
             .group = FlagGroup::output,
             .commands = passes,
             .set = [](Options& o,
                       const std::string& text) { return store(o.verbose, parse_switch(text)); }},
    FlagSpec{
        .name = "color",
        .letter = '\0',
        .value = "WHEN",
        .help = "Paint: auto, always or never (default: auto, which heeds NO_COLOR)",
        .group = FlagGroup::output,
        .commands =
            passes | only(Command::hosts) | only(Command::history) | only(Command::history_show),
        .set = [](Options& o, const std::string& text) { return choose(o.colour, colours, text); },
        .choices = colours},
    FlagSpec{
        .name = "no-progress",
        .letter = '\0',
        .value = "",
        .help = "No line of progress on the terminal",
        .group = FlagGroup::output,
        .commands = on_hosts & ~only(Command::run),
        .set = [](Options& o,
                  const std::string& text) { return store(o.no_progress, parse_switch(text)); }},
    FlagSpec{.name = "log-level",
             .letter = '\0',
             .value = "LEVEL",
             .help = "Log to standard error from this level on: trace, debug, info, warn, error "
                     "or off (default: warn; of run: info)",
             .group = FlagGroup::output,
             .commands = on_hosts,
             .set = [](Options& o,
                       const std::string& text) { return choose(o.log_level, levels, text); },
             .choices = levels},
    FlagSpec{.name = "log-format",
             .letter = '\0',
             .value = "FORMAT",
             .help = "Log as text or as json, one object per line (default: text)",
             .group = FlagGroup::output,
             .commands = on_hosts,
             .set = [](Options& o,
                       const std::string& text) { return choose(o.log_format, formats, text); },
             .choices = formats},
    FlagSpec{.name = "connect-timeout",
             .letter = '\0',
             .value = "TIME",
             .help = "Reaching a host, with its TLS handshake (default: 10s)",
             .group = FlagGroup::hosts,
             .commands = on_hosts,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.connect_timeout, parse_duration(text));
                 }},
    FlagSpec{.name = "request-timeout",
             .letter = '\0',
             .value = "TIME",
             .help = "One request to a host (default: 60s)",
             .group = FlagGroup::hosts,
             .commands = on_hosts,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.request_timeout, parse_duration(text));
                 }},
    FlagSpec{
        .name = "host-timeout",
        .letter = '\0',
        .value = "TIME",
        .help = "Reading one whole host (default: 2m)",
        .group = FlagGroup::hosts,
        .commands = on_hosts,
        .set = [](Options& o,
                  const std::string& text) { return store(o.host_timeout, parse_duration(text)); }},
    FlagSpec{
        .name = "job-timeout",
        .letter = '\0',
        .value = "TIME",
        .help = "Following one of a host's jobs (default: 5m)",
        .group = FlagGroup::hosts,
        .commands = changing,
        .set = [](Options& o,
                  const std::string& text) { return store(o.job_timeout, parse_duration(text)); }},
    FlagSpec{.name = "concurrent-hosts",
             .letter = '\0',
             .value = "N",
             .help = "Hosts worked on side by side (default: 256)",
             .group = FlagGroup::hosts,
             .commands = on_hosts,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.concurrent_hosts, parse_number(text, 1, 10000));
                 }},
    FlagSpec{.name = "concurrent-jobs",
             .letter = '\0',
             .value = "N",
             .help = "Changes in flight over all hosts (default: 64)",
             .group = FlagGroup::hosts,
             .commands = changing,
             .set =
                 [](Options& o, const std::string& text) {
                   return store(o.concurrent_jobs, parse_number(text, 1, 10000));
                 }},
};

}  // namespace

std::span<const FlagSpec> flag_table() {
  static const std::vector<FlagSpec> all = [] {
    std::vector<FlagSpec> rows(table.begin(), table.end());
    std::ranges::copy(run_flags(), std::back_inserter(rows));
    return rows;
  }();
  return all;
}

std::string variable(const FlagSpec& flag) {
  std::string name = "HVSEC_";
  for (const char c : flag.name)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace hvsec::cli
