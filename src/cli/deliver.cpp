#include "src/cli/deliver.hpp"

#include <ostream>

#include "src/cli/build_facts.hpp"
#include "src/cli/console.hpp"
#include "src/platform/durable_file.hpp"
#include "src/platform/paths.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace hvsec::cli {
namespace {

std::string rendered(const Report& report, Format format, const report::TextOptions& text,
                     const ExitCodeOptions& exit_code) {
  if (format == Format::text) return render_text(report, text);
  const report::JsonOptions json{.version = std::string(build_facts().version),
                                 .exit_code = exit_code};
  return render_json(report, json);
}

}  // namespace

int deliver(const Report& report, const Options& options, Console& console) {
  const ExitCodeOptions exit_options{.changed_counts_as_drift = options.detailed_exit_code,
                                     .drift = options.drift_exit_code,
                                     .fail_on = options.fail_on};
  const report::TextOptions style = text_options(options, console);
  console.out << rendered(report, options.output, style, exit_options);
  const int code = exit_code(report, exit_options);
  bool all_written = true;
  for (const ReportFile& copy : options.reports) {
    report::TextOptions plain = style;
    plain.colour = false;
    const auto written =
        platform::write_durably(copy.file, rendered(report, copy.format, plain, exit_options));
    if (written) continue;
    all_written = false;
    refuse(console, "the report " + written.error().detail);
  }
  return code == 0 && !all_written ? 1 : code;
}

bool matched_nothing(const Report& report, const Options& options, Console& console) {
  const Summary summary = summarize(report);
  if (options.vms.empty() || summary.vms > 0 || summary.hosts_unreachable > 0 || report.signal)
    return false;
  refuse(console, "no VM's name or id matches --vm on any host that was read");
  return true;
}

Result<std::string> ledger_file(const Options& options, const Console& console) {
  if (!options.ledger.empty()) return options.ledger;
  auto folder = platform::state_folder(console.environment, platform::running_as_root());
  if (!folder) return fail(folder.error());
  return *folder + "/ledger.db";
}

}  // namespace hvsec::cli
