#include <algorithm>
#include <ostream>
#include <string>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/manifest/suggest.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::cli {
namespace {

using schema::setting_table;

constexpr std::size_t column = 20;

std::string_view spoken(bool value) { return value ? "true" : "false"; }

std::string version(const schema::ConfigurationVersion& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::string needs(const SettingSpec& spec) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (spec.generation) add("generation " + std::to_string(*spec.generation));
  if (spec.version) add("configuration version " + version(*spec.version) + " or newer");
  if (spec.needs_key_protector) add("a key protector");
  for (const SettingId id : spec.companions) add(std::string(schema::spec(id).name) + " true");
  return text.empty() ? "nothing else" : text;
}

void print_fact(std::ostream& out, std::string label, const std::string& fact) {
  label.resize(column - 2, ' ');
  out << "  " << label << wrapped(fact, column) << '\n';
}

void print(const SettingSpec& spec, std::ostream& out) {
  out << spec.name << "  (true or false)\n\n  " << wrapped(spec.doc, 2) << "\n\n";
  print_fact(out, "Safer value", std::string(spoken(spec.tightening)));
  print_fact(out, "To be true needs", needs(spec));
  print_fact(out, "To be changed", spec.needs_vm_off ? "needs the VM off" : "at any time");
  if (spec.hard_to_undo)
    print_fact(out, "Hard to undo",
               "a change to " + std::string(spoken(*spec.hard_to_undo)) +
                   "; name the setting in change.acknowledge");
  print_fact(out, "Windows", "build " + std::to_string(spec.first_build) + " or newer");
  print_fact(out, "On the host",
             std::string(spec.cim_class) + "." + std::string(spec.cim_property));
  print_fact(out, "Source", std::string(spec.source));
}

void print_list(std::ostream& out) {
  std::size_t widest = 0;
  for (const SettingSpec& spec : setting_table()) widest = std::max(widest, spec.name.size());
  for (const SettingSpec& spec : setting_table()) {
    std::string name(spec.name);
    name.resize(widest + 2, ' ');
    out << name << wrapped(spec.doc, widest + 2, 100) << '\n';
  }
  out << "\n\"hvsec explain SETTING\" says more of one.\n";
}

void write(report::JsonWriter& json, const SettingSpec& spec) {
  json.begin_object().member("setting", spec.name).member("type", "boolean");
  json.member("description", spec.doc).member("tightening", spec.tightening);
  json.member("needsVmOff", spec.needs_vm_off)
      .member("needsKeyProtector", spec.needs_key_protector);
  json.key("generation");
  spec.generation ? json.value(*spec.generation) : json.null();
  json.text_or_null("configurationVersion", spec.version ? version(*spec.version) : "");
  json.key("companions").begin_array();
  for (const SettingId id : spec.companions) json.value(schema::spec(id).name);
  json.end_array().key("hardToUndo");
  spec.hard_to_undo ? json.value(*spec.hard_to_undo) : json.null();
  json.member("firstBuild", spec.first_build);
  json.member("cimClass", spec.cim_class).member("cimProperty", spec.cim_property);
  json.member("source", spec.source).end_object();
}

std::string as_json(const SettingSpec* one) {
  report::JsonWriter json;
  json.begin_object().member("formatVersion", 1).member("command", "explain");
  json.key("settings").begin_array();
  for (const SettingSpec& spec : setting_table())
    if (one == nullptr || one->id == spec.id) write(json, spec);
  json.end_array().end_object();
  return json.take();
}

}  // namespace

int explain(const Options& options, Console& console) {
  const SettingSpec* one = schema::find_setting(options.argument);
  if (one == nullptr && !options.argument.empty()) {
    std::vector<std::string_view> names;
    for (const SettingSpec& spec : setting_table()) names.push_back(spec.name);
    return refuse(console, "there is no setting \"" + options.argument + "\"; " +
                               manifest::suggestion(options.argument, names));
  }
  if (options.output == Format::json)
    console.out << as_json(one);
  else if (one != nullptr)
    print(*one, console.out);
  else
    print_list(console.out);
  return 0;
}

}  // namespace hvsec::cli
