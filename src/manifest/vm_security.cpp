#include "src/manifest/vm_security.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "schema/setting_table.hpp"
#include "src/manifest/labels.hpp"
#include "src/manifest/suggest.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where select_where{&spec_where, "select"};
constexpr Where hosts_where{&select_where, "hosts"};
constexpr Where vms_where{&select_where, "vms"};
constexpr Where settings_where{&spec_where, "settings"};
constexpr Where change_where{&spec_where, "change"};

constexpr std::string_view spec_keys[] = {"mode", "priority", "select", "settings", "change"};
constexpr std::string_view select_keys[] = {"hosts", "vms"};
constexpr std::string_view hosts_keys[] = {"names", "labels"};
constexpr std::string_view vms_keys[] = {"names", "ids", "except"};
constexpr std::string_view change_keys[] = {"allowLoosening", "acknowledge"};
constexpr std::string_view modes[] = {"enforce", "audit"};

constexpr int highest_priority = 1'000'000;

// Of all settings, or of those with a value that is hard to undo.
std::vector<std::string_view> setting_names(bool only_hard_to_undo) {
  std::vector<std::string_view> names;
  for (const SettingSpec& row : schema::setting_table())
    if (!only_hard_to_undo || row.hard_to_undo) names.push_back(row.name);
  return names;
}

// Upper case and without braces; empty when `given` is no GUID.
std::string plain_guid(std::string_view given) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (given.size() == form.size() + 2 && given.starts_with('{') && given.ends_with('}'))
    given = given.substr(1, form.size());
  if (given.size() != form.size()) return {};
  std::string guid(given);
  for (std::size_t i = 0; i < form.size(); ++i) {
    char& c = guid[i];
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    const bool digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (form[i] == '-' ? c != '-' : !digit) return {};
  }
  return guid;
}

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
      decode_select(*select, spec.at("select"));
    if (const Node* const settings = spec.require("settings"))
      decode_settings(*settings, spec.at("settings"));
    if (const Node* const change = spec.find("change")) decode_change(*change, spec.at("change"));
  }

 private:
  void decode_select(const Node& node, Position at) {
    const Fields select(node, at, select_where, {select_keys}, errors_);
    if (const Node* const hosts = select.find("hosts")) decode_hosts(*hosts, select.at("hosts"));
    if (const Node* const vms = select.find("vms")) decode_vms(*vms, select.at("vms"));
  }

  void decode_hosts(const Node& node, Position at) {
    const Fields hosts(node, at, hosts_where, {hosts_keys}, errors_);
    policy_.select.hosts.names = globs(hosts, "names");
    if (const Node* const labels = hosts.find("labels"))
      policy_.select.hosts.labels = decode_labels(*labels, {&hosts_where, "labels"}, errors_);
  }

  void decode_vms(const Node& node, Position at) {
    const Fields vms(node, at, vms_where, {vms_keys}, errors_);
    policy_.select.vms.names = globs(vms, "names");
    policy_.select.vms.except = globs(vms, "except");
    const Node* const ids = vms.find("ids");
    if (ids == nullptr) return;
    const Where where{&vms_where, "ids"};
    for (const Node& item : as_list(*ids, where, errors_)) decode_id(item, where);
  }

  void decode_id(const Node& node, const Where& where) {
    const auto given = as_text(node, {&where, each_item}, errors_);
    if (!given) return;
    std::string guid = plain_guid(*given);
    if (guid.empty())
      errors_.add(node.at, in_quotes(*given) + " in " + text(where) + " is not a GUID",
                  "for example 4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F");
    policy_.select.vms.ids.push_back({std::move(guid)});
  }

  std::vector<Glob> globs(const Fields& fields, std::string_view key) {
    std::vector<Glob> found;
    const Node* const node = fields.find(key);
    if (node == nullptr) return found;
    const Where where{&fields.where(), key};
    for (const Node& item : as_list(*node, where, errors_))
      if (const auto pattern = as_text(item, {&where, each_item}, errors_))
        found.push_back({std::string(*pattern)});
    return found;
  }

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
  std::vector<std::string_view> all_settings_ = setting_names(false);
  std::vector<std::string_view> acknowledgeable_ = setting_names(true);
};

}  // namespace

void decode_vm_security_spec(const Node& spec, Position at, Errors& errors,
                             VmSecurityManifest& policy) {
  VmSecurityDecoder(errors, policy).decode(spec, at);
}

}  // namespace hvsec::manifest
