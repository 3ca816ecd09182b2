#include "src/cli/deliver.hpp"

#include <ostream>

#include "src/cli/build_facts.hpp"
#include "src/cli/console.hpp"
#include "src/metrics/textfile.hpp"
#include "src/platform/durable_file.hpp"
#include "src/platform/paths.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace hvsec::cli {
namespace {

// What every form of a report is made of.
struct Delivery {
  const Report* report = nullptr;
  const Manifests* manifests = nullptr;
  report::TextOptions text;
  ExitCodeOptions exit_code;
};

std::string rendered(const Delivery& delivery, Format format) {
  const std::string version(build_facts().version);
  switch (format) {
    case Format::text:
      return report::render_text(*delivery.report, delivery.text);
    case Format::json:
      return report::render_json(*delivery.report,
                                 {.version = version, .exit_code = delivery.exit_code});
    case Format::prometheus:
      return metrics::textfile(*delivery.report, *delivery.manifests, {.version = version});
  }
  return {};
}

}  // namespace

int deliver(const Report& report, const Manifests& manifests, const Options& options,
            Console& console) {
  Delivery delivery{.report = &report,
                    .manifests = &manifests,
                    .text = text_options(options, console),
                    .exit_code = {.changed_counts_as_drift = options.detailed_exit_code,
                                  .drift = options.drift_exit_code,
                                  .fail_on = options.fail_on}};
  console.out << rendered(delivery, options.output);
  const int code = exit_code(report, delivery.exit_code);
  delivery.text.colour = false;
  bool all_written = true;
  for (const ReportFile& copy : options.reports) {
    const auto written = platform::write_durably(copy.file, rendered(delivery, copy.format));
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
