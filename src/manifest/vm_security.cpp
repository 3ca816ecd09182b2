#include "src/manifest/vm_security.hpp"

#include <string>
#include <vector>

#include "schema/setting_table.hpp"
#include "src/manifest/change_window.hpp"
#include "src/manifest/selector.hpp"
#include "src/manifest/setting_names.hpp"
#include "src/manifest/suggest.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where select_where{&spec_where, "select"};
constexpr Where settings_where{&spec_where, "settings"};
constexpr Where change_where{&spec_where, "change"};

constexpr std::string_view spec_keys[] = {"mode", "priority", "select", "settings", "change"};
constexpr std::string_view change_keys[] = {"allowLoosening", "acknowledge", "windows"};
constexpr std::string_view modes[] = {"enforce", "audit"};

constexpr int highest_priority = 1'000'000;

class VmSecurityDecoder {
 public:
  VmSecurityDecoder(Errors& errors, VmSecurityManifest& policy)
      : errors_(errors), policy_(policy) {}

  void decode(const Node& node, Position at) {
    const Fields spec(node, at, spec_where, {spec_keys}, errors_);
    if (const Node* const mode = spec.find("mode")) {
      const auto chosen = as_choice(*mode, {&spec_where, "mode"}, errors_, modes);
      policy_.mode = chosen == 1 ? Mode::audit : Mode::enforce;
    }
    if (const Node* const priority = spec.find("priority"))
      policy_.priority = as_integer(*priority, {&spec_where, "priority"}, errors_,
                                    -highest_priority, highest_priority)
                             .value_or(0);
    if (const Node* const select = spec.require("select"))
      policy_.select = decode_selector(*select, spec.at("select"), select_where, errors_);
    if (const Node* const settings = spec.require("settings"))
      decode_settings(*settings, spec.at("settings"));
    if (const Node* const change = spec.find("change")) decode_change(*change, spec.at("change"));
  }

 private:
  void decode_settings(const Node& node, Position at) {
    const Fields settings(node, at, settings_where, {all_settings_}, errors_);
    if (settings.is_map() && node.items.empty())
      errors_.add(at, text(settings_where) + " must hold at least one setting",
                  "known are " + join(all_settings_));
    for (std::size_t i = 0; settings.is_map() && i < node.items.size(); i += 2) {
      const Node& key = node.items[i];
      const SettingSpec* const row = schema::find_setting(key.text);
      if (row == nullptr) continue;
      const auto value = as_boolean(node.items[i + 1], {&settings_where, key.text}, errors_);
      if (value) policy_.settings[row->id] = DeclaredValue{*value, errors_.place(key.at)};
    }
  }

  void decode_change(const Node& node, Position at) {
    const Fields change(node, at, change_where, {change_keys}, errors_);
    if (const Node* const allow = change.find("allowLoosening"))
      policy_.allow_loosening =
          as_boolean(*allow, {&change_where, "allowLoosening"}, errors_).value_or(false);
    if (const Node* const windows = change.find("windows"))
      policy_.windows = decode_windows(*windows, {&change_where, "windows"}, errors_,
                                       "a window of VmSecurity " + policy_.name);
    const Node* const acknowledge = change.find("acknowledge");
    if (acknowledge == nullptr) return;
    const Where where{&change_where, "acknowledge"};
    for (const Node& item : as_list(*acknowledge, where, errors_)) decode_acknowledged(item, where);
  }

  void decode_acknowledged(const Node& node, const Where& where) {
    const auto name = as_text(node, {&where, each_item}, errors_);
    if (!name) return;
    const SettingSpec* const row = schema::find_setting(*name);
    const std::string can_be = "what can be acknowledged: " + join(acknowledgeable_);
    if (row == nullptr) {
      errors_.add(node.at, "unknown setting " + in_quotes(*name) + " in " + text(where),
                  suggestion(*name, acknowledgeable_));
    } else if (!row->hard_to_undo) {
      errors_.add(node.at, in_quotes(*name) + " has no value that is hard to undo", can_be);
    } else if (policy_.acknowledge[row->id]) {
      errors_.add(node.at, in_quotes(*name) + " is given twice in " + text(where));
    } else {
      policy_.acknowledge[row->id] = true;
    }
  }

  Errors& errors_;
  VmSecurityManifest& policy_;
  std::vector<std::string_view> all_settings_ = setting_names();
  std::vector<std::string_view> acknowledgeable_ =
      setting_names([](const SettingSpec& row) { return row.hard_to_undo.has_value(); });
};

}  // namespace

void decode_vm_security_spec(const Node& spec, Position at, Errors& errors,
                             VmSecurityManifest& policy) {
  VmSecurityDecoder(errors, policy).decode(spec, at);
}

}  // namespace hvsec::manifest
