#include <ostream>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/input.hpp"
#include "src/report/json_writer.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

std::string counts(const manifest::LoadResult& loaded) {
  return report::counted(loaded.documents, "document") + " in " +
         report::counted(loaded.files, "file");
}

std::string as_json(const manifest::LoadResult& loaded, bool valid) {
  report::JsonWriter json;
  json.begin_object();
  json.member("formatVersion", 1).member("command", "validate").member("valid", valid);
  json.member("files", loaded.files).member("documents", loaded.documents);
  json.member("hosts", loaded.manifests.hosts.size());
  json.member("vmSecurityManifests", loaded.manifests.policies.size());
  json.key("errors").begin_array();
  for (const manifest::Diagnostic& error : loaded.errors) {
    const Place& place = error.place;
    json.begin_object();
    json.text_or_null("file", place.file ? std::string_view(*place.file) : std::string_view());
    json.member("line", place.line).member("column", place.column);
    json.member("message", error.message).text_or_null("hint", error.hint);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

int validate(const Options& options, Console& console) {
  const manifest::LoadResult loaded = manifest::load(manifest_paths(options));
  const bool valid = loaded.errors.empty() && loaded.documents > 0;
  if (options.output == Format::json) {
    console.out << as_json(loaded, valid);
    return valid ? 0 : 1;
  }
  if (!loaded.errors.empty()) {
    print_errors(loaded, console);
    return refuse(console, report::counted(loaded.errors.size(), "mistake") + "; " +
                               counts(loaded) + " read");
  }
  if (!valid) return refuse(console, "there are no manifests; name some with --manifests");
  console.out << counts(loaded) << ": " << report::counted(loaded.manifests.hosts.size(), "host")
              << ", " << report::counted(loaded.manifests.policies.size(), "VmSecurity manifest")
              << "; valid\n";
  return 0;
}

}  // namespace hvsec::cli
