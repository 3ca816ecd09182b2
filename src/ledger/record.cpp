#include "src/ledger/record.hpp"

#include <string>

#include "reconciler/ledger_state.hpp"

namespace hvsec::ledger {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string_view name(Subject subject) {
  return subject == Subject::suspension ? "suspension" : "change";
}

}  // namespace

std::string_view kind(const LedgerRecord& record) {
  return std::visit(Overloaded{[](const Intent&) { return std::string_view("intent"); },
                               [](const Dispatched&) { return std::string_view("dispatched"); },
                               [](const Settled&) { return std::string_view("settled"); },
                               [](const Suspended&) { return std::string_view("suspended"); },
                               [](const Resumed&) { return std::string_view("resumed"); }},
                    record);
}

const std::string& id_of(const LedgerRecord& record) {
  using Id = const std::string&;
  return std::visit(
      Overloaded{[](const Intent& intent) -> Id { return intent.set.id.value; },
                 [](const Suspended& suspended) -> Id { return suspended.suspension.id; },
                 [](const Resumed& resumed) -> Id { return resumed.suspension; },
                 [](const auto& of_change) -> Id { return of_change.change.value; }},
      record);
}

WallTime time_of(const LedgerRecord& record) {
  return std::visit(Overloaded{[](const Suspended& suspended) { return suspended.suspension.at; },
                               [](const auto& any) { return any.at; }},
                    record);
}

Subject subject_of(const LedgerRecord& record) {
  const bool suspension =
      std::holds_alternative<Suspended>(record) || std::holds_alternative<Resumed>(record);
  return suspension ? Subject::suspension : Subject::change;
}

bool begins(const LedgerRecord& record) {
  return std::holds_alternative<Intent>(record) || std::holds_alternative<Suspended>(record);
}

Progress after(Progress progress, const LedgerRecord& record) {
  if (begins(record)) progress.begun = subject_of(record);
  if (const auto* settled = std::get_if<Settled>(&record)) progress.over = closes(*settled);
  if (std::holds_alternative<Resumed>(record)) progress.over = true;
  return progress;
}

Result<void> may_follow(const Progress& progress, const LedgerRecord& record) {
  const Subject subject = subject_of(record);
  const bool change = subject == Subject::change;
  std::string_view why;
  if (begins(record) && progress.begun != Subject::nothing)
    why = progress.begun != subject ? "something else has that id"
          : change                  ? "the change has an intent already"
                                    : "there is one already";
  else if (!begins(record) && progress.begun != subject)
    why = change ? "the change has no intent" : "there is no such suspension";
  else if (progress.over)
    why = change ? "the change is settled already" : "it is lifted already";
  else
    return {};
  std::string detail = "the ledger refused a record of kind ";
  detail.append(kind(record)).append(" for ").append(name(subject)).append(" ");
  return fail(ErrorKind::terminal, detail.append(id_of(record)).append(": ").append(why));
}

}  // namespace hvsec::ledger
