#include <utility>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/deliver.hpp"
#include "src/cli/input.hpp"
#include "src/cli/work.hpp"
#include "src/plan_file/plan_file.hpp"
#include "src/platform/durable_file.hpp"

namespace hvsec::cli {
namespace {

// Without history the pass still says what differs, but not since when.
LedgerState history(const Options& options, const Reading& reading, Console& console,
                    platform::Log& log) {
  const auto file = ledger_file(options, console);
  if (!file) return {};
  auto state = reading.ledger_state(*file);
  if (state) return std::move(*state).value_or(LedgerState());
  const std::string message = "no history: " + text(state.error());
  log.write({.level = platform::LogLevel::warn, .message = message});
  return {};
}

bool keep_plan(const Report& report, const Options& options, Console& console) {
  const ChangePlan plan = change_plan(report, report.finished + options.valid_for);
  const auto written = platform::write_durably(options.plan_out, plan_file::write_plan(plan));
  if (!written) refuse(console, "the plan " + written.error().detail);
  return written.has_value();
}

int reading_pass(std::string command, const Options& options, Console& console,
                 const Runtime& runtime, const Reading& reading) {
  auto loaded = load_manifests(options, Needs::hosts_and_policies, console);
  if (!loaded) return 1;
  Work work(options, console, runtime);
  const Manifests manifests = with_revisions(*std::move(loaded), runtime, work.log());
  ReaderFactory readers = reading.readers(work.executor(), work.connection(), work.log());
  const LedgerState past = history(options, reading, console, work.log());
  Report report = work.run(
      hvsec::check(manifests, std::move(readers), work.ports(), work.pass_options(), past));
  report.command = std::move(command);
  report.signal = work.signal();
  if (matched_nothing(report, options, console)) return 1;
  const int code = deliver(report, manifests, options, console);
  const bool kept =
      options.plan_out.empty() || report.signal || keep_plan(report, options, console);
  return kept ? code : 1;
}

}  // namespace

int check(const Options& options, Console& console, const Runtime& runtime,
          const Reading& reading) {
  return reading_pass("check", options, console, runtime, reading);
}

int plan(const Options& options, Console& console, const Runtime& runtime, const Reading& reading) {
  return reading_pass("plan", options, console, runtime, reading);
}

}  // namespace hvsec::cli
