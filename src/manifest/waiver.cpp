#include "src/manifest/waiver.hpp"

#include <string>
#include <vector>

#include "src/manifest/moment.hpp"
#include "src/manifest/selector.hpp"
#include "src/manifest/setting_names.hpp"
#include "src/manifest/suggest.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where select_where{&spec_where, "select"};
constexpr Where settings_where{&spec_where, "settings"};

constexpr std::string_view spec_keys[] = {"select", "settings", "effect",
                                          "reason", "until",    "approvedBy"};
constexpr std::string_view effects[] = {"report", "hold"};

constexpr Length reason_length{1, 1000};

class WaiverDecoder {
 public:
  WaiverDecoder(Errors& errors, Waiver& waiver) : errors_(errors), waiver_(waiver) {}

  void decode(const Node& node, Position at) {
    const Fields spec(node, at, spec_where, {spec_keys}, errors_);
    if (const Node* const select = spec.require("select"))
      waiver_.select = decode_selector(*select, spec.at("select"), select_where, errors_);
    if (const Node* const settings = spec.require("settings")) decode_settings(*settings);
    if (const Node* const effect = spec.require("effect"))
      waiver_.effect = as_choice(*effect, {&spec_where, "effect"}, errors_, effects) == 1
                           ? WaiverEffect::hold
                           : WaiverEffect::report;
    if (const Node* const reason = spec.require("reason")) decode_reason(*reason);
    if (const Node* const until = spec.require("until")) decode_until(*until);
    if (const Node* const approver = spec.find("approvedBy"))
      waiver_.approved_by = as_text(*approver, {&spec_where, "approvedBy"}, errors_).value_or("");
  }

 private:
  void decode_settings(const Node& node) {
    if (node.kind == NodeKind::sequence && node.items.empty())
      errors_.add(node.at, text(settings_where) + " must name at least one setting",
                  "known are " + join(setting_names()));
    for (const Node& item : as_list(node, settings_where, errors_)) decode_setting(item);
  }

  void decode_setting(const Node& node) {
    const auto name = as_text(node, {&settings_where, each_item}, errors_);
    if (!name) return;
    const SettingSpec* const row = schema::find_setting(*name);
    if (row == nullptr)
      errors_.add(node.at, "unknown setting " + in_quotes(*name) + " in " + text(settings_where),
                  suggestion(*name, setting_names()));
    else if (waiver_.settings[row->id])
      errors_.add(node.at, in_quotes(*name) + " is given twice in " + text(settings_where));
    else
      waiver_.settings[row->id] = true;
  }

  void decode_reason(const Node& node) {
    const Where where{&spec_where, "reason"};
    const auto reason = as_text(node, where, errors_, reason_length);
    if (!reason) return;
    waiver_.reason = *reason;
    if (reason->find_first_not_of(' ') == reason->npos)
      errors_.add(node.at, text(where) + " must say why, but is blank");
  }

  void decode_until(const Node& node) {
    const Where where{&spec_where, "until"};
    const auto given = as_text(node, where, errors_);
    if (!given) return;
    const auto end = parse_end(*given);
    if (end)
      waiver_.until = *end;
    else
      errors_.add(node.at, text(where) + " " + in_quotes(*given) + " " + end.error().detail,
                  "write for example 2027-01-31T18:00:00Z, or 2027-01-31 for the end of that day "
                  "in UTC");
  }

  Errors& errors_;
  Waiver& waiver_;
};

}  // namespace

void decode_waiver_spec(const Node& spec, Position at, Errors& errors, Waiver& waiver) {
  WaiverDecoder(errors, waiver).decode(spec, at);
}

}  // namespace hvsec::manifest
