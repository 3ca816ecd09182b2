#include <ostream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "reconciler/report.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/input.hpp"
#include "src/report/json_writer.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

std::string counts(const manifest::LoadResult& loaded) {
  return report::counted(loaded.documents, "document") + " in " +
         report::counted(loaded.files, "file");
}

WallTime now(const Runtime& runtime) {
  boost::asio::io_context context;
  return runtime.clock(context.get_executor())->wall_now();
}

void write_place(report::JsonWriter& json, const Place& place) {
  json.text_or_null("file", place.file ? std::string_view(*place.file) : std::string_view());
  json.member("line", place.line).member("column", place.column);
}

std::string as_json(const manifest::LoadResult& loaded, const std::vector<Finding>& warnings,
                    bool valid) {
  report::JsonWriter json;
  json.begin_object();
  json.member("formatVersion", 1).member("command", "validate").member("valid", valid);
  json.member("files", loaded.files).member("documents", loaded.documents);
  json.member("hosts", loaded.manifests.hosts.size());
  json.member("vmSecurityManifests", loaded.manifests.policies.size());
  json.member("waivers", loaded.manifests.waivers.size());
  json.member("changeWindows", loaded.manifests.windows.size());
  json.key("errors").begin_array();
  for (const manifest::Diagnostic& error : loaded.errors) {
    json.begin_object();
    write_place(json, error.place);
    json.member("message", error.message).text_or_null("hint", error.hint);
    json.end_object();
  }
  json.end_array().key("warnings").begin_array();
  for (const Finding& warning : warnings) {
    json.begin_object();
    write_place(json, warning.place);
    json.member("kind", name(warning.kind)).member("message", warning.text);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string summary(const manifest::LoadResult& loaded) {
  const Manifests& manifests = loaded.manifests;
  std::string line = counts(loaded) + ": " + report::counted(manifests.hosts.size(), "host") +
                     ", " + report::counted(manifests.policies.size(), "VmSecurity manifest");
  if (!manifests.waivers.empty())
    line += ", " + report::counted(manifests.waivers.size(), "waiver");
  if (!manifests.windows.empty())
    line += ", " + report::counted(manifests.windows.size(), "change window");
  return line + "; valid\n";
}

}  // namespace

int validate(const Options& options, Console& console, const Runtime& runtime) {
  const manifest::LoadResult loaded = manifest::load(manifest_paths(options));
  const bool valid = loaded.errors.empty() && loaded.documents > 0;
  const std::vector<Finding> warnings = ending_waivers(loaded.manifests, now(runtime));
  if (options.output == Format::json) {
    console.out << as_json(loaded, warnings, valid);
    return valid ? 0 : 1;
  }
  if (!loaded.errors.empty()) {
    print_errors(loaded, console);
    return refuse(console, report::counted(loaded.errors.size(), "mistake") + "; " +
                               counts(loaded) + " read");
  }
  if (!valid) return refuse(console, "there are no manifests; name some with --manifests");
  for (const Finding& warning : warnings)
    console.err << report::safe_text("warning: " + text(warning.place) + ": " + warning.text)
                << '\n';
  console.out << summary(loaded);
  return 0;
}

}  // namespace hvsec::cli
