#include "src/ledger/record.hpp"

#include <string>

namespace hvsec::ledger {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

std::string_view kind(const LedgerRecord& record) {
  return std::visit(Overloaded{[](const Intent&) { return std::string_view("intent"); },
                               [](const Dispatched&) { return std::string_view("dispatched"); },
                               [](const Settled&) { return std::string_view("settled"); }},
                    record);
}

const ChangeId& change_of(const LedgerRecord& record) {
  return std::visit(
      Overloaded{[](const Intent& intent) -> const ChangeId& { return intent.set.id; },
                 [](const auto& other) -> const ChangeId& { return other.change; }},
      record);
}

WallTime time_of(const LedgerRecord& record) {
  return std::visit([](const auto& any) { return any.at; }, record);
}

Result<void> may_follow(const ChangeProgress& progress, const LedgerRecord& record) {
  const bool intent = std::holds_alternative<Intent>(record);
  std::string_view why;
  if (intent && progress.intended)
    why = "the change has an intent already";
  else if (!intent && !progress.intended)
    why = "the change has no intent";
  else if (progress.settled)
    why = "the change is settled already";
  else
    return {};
  std::string detail = "the ledger refused a record of kind ";
  detail.append(kind(record)).append(" for change ").append(change_of(record).value);
  return fail(ErrorKind::terminal, detail.append(": ").append(why));
}

std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled) {
  std::vector<std::pair<SettingId, bool>> values;
  for (const SettledSetting& setting : settled.settings) {
    const bool as_declared =
        setting.verdict == Verdict::corrected || setting.verdict == Verdict::in_sync;
    if (!as_declared) continue;
    if (setting.after == SettingValue::on || setting.after == SettingValue::off)
      values.emplace_back(setting.setting, setting.after == SettingValue::on);
  }
  return values;
}

}  // namespace hvsec::ledger
