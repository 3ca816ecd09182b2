#include "src/cli/deliver.hpp"

#include <ostream>
#include <string>
#include <string_view>

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

// Hands the report to `sink`, in one piece or several.
void render(const Delivery& delivery, Format format, const report::JsonWriter::Sink& sink) {
  const std::string version(build_facts().version);
  switch (format) {
    case Format::text:
      return sink(report::render_text(*delivery.report, delivery.text));
    case Format::json:
      return report::write_json(*delivery.report,
                                {.version = version, .exit_code = delivery.exit_code}, sink);
    case Format::prometheus:
      return sink(metrics::textfile(*delivery.report, *delivery.manifests, {.version = version}));
  }
}

std::string rendered(const Delivery& delivery, Format format) {
  std::string text;
  render(delivery, format, [&](std::string_view piece) { text += piece; });
  return text;
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
  render(delivery, options.output, [&](std::string_view piece) { console.out << piece; });
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
