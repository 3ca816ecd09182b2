#include "src/cli/history_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "reconciler/wall_time.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

using report::Palette;
using report::safe_text;
using report::Tone;

constexpr std::size_t name_limit = 200;
constexpr std::size_t widest_column = 60;

std::string word(Verdict verdict) {
  return std::string(report::word(verdict, report::Command::apply));
}

std::string state(const RecordedChange& recorded) {
  return word(recorded.verdict()) + (recorded.open() ? " (open)" : "");
}

std::string seconds_of(WallTime time) {
  return rfc3339(std::chrono::floor<std::chrono::seconds>(time)).substr(0, 19) + "Z";
}

std::string step(const Change& change, const Palette& palette) {
  return std::string(schema::spec(change.setting).name) + " " + std::string(text(change.before)) +
         " " + std::string(palette.arrow()) + " " + std::string(text(to_value(change.desired)));
}

// Characters, not bytes: what continues one in UTF-8 takes no place.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t taken = width(text);
  return taken < columns ? std::move(text).append(columns - taken, ' ') : text;
}

using Row = std::array<std::string, 7>;  // When, host, VM, settings, verdict, cause, id.
constexpr std::size_t verdict_column = 4;

Row row_of(const RecordedChange& recorded, const std::vector<SettingId>& only,
           const Palette& palette) {
  const ChangeSet& set = recorded.intent.set;
  std::string steps;
  std::string causes;
  for (const RecordedSetting& setting : settings_of(recorded, only)) {
    (steps += steps.empty() ? "" : ", ") += step(*setting.change, palette);
    const std::string_view cause = name(setting.change->cause);
    if (causes.find(cause) == std::string::npos) (causes += causes.empty() ? "" : "+") += cause;
  }
  return {seconds_of(recorded.intent.at),
          safe_text(set.host, name_limit),
          safe_text(set.vm_name, name_limit),
          std::move(steps),
          state(recorded),
          std::move(causes),
          safe_text(short_id(set.id), name_limit)};
}

// Label and fact, the facts below one another.
void fact(std::string& out, std::string_view label, const std::string& text) {
  out.append(2, ' ').append(padded(std::string(label), 12)).append(text) += '\n';
}

std::string setting_text(const RecordedSetting& setting, const Palette& palette) {
  const Change& change = *setting.change;
  std::string line = step(change, palette);
  if (setting.end == nullptr)
    line += "  " + palette.paint(report::tone(Verdict::indeterminate), "not known yet");
  else
    line += "  " + palette.paint(report::tone(setting.end->verdict), word(setting.end->verdict)) +
            ", is " + std::string(text(setting.end->after));
  const std::string place = text(change.place);
  line += "; cause " + std::string(name(change.cause)) + "  ";
  return line + palette.paint(Tone::faint, safe_text((place.empty() ? "" : place + " ") + "(" +
                                                     change.policy + ")"));
}

std::string revision_text(const Revision& revision) {
  std::string line = revision.commit.empty() ? "no commit" : revision.commit;
  if (revision.dirty) line += " (dirty)";
  if (!revision.remote.empty()) line += " of " + revision.remote;
  return safe_text(line + ", read from " + revision.folder);
}

void add_origin(std::string& out, const Intent& intent) {
  const ChangeSet& set = intent.set;
  fact(out, "host", safe_text(set.host, name_limit));
  fact(out, "VM",
       safe_text(set.vm_name, name_limit) + " (" + safe_text(set.vm.guid, name_limit) + ")");
  fact(out, "begun", rfc3339(intent.at));
  fact(out, "by", intent.actor.empty() ? "not on record" : safe_text(intent.actor, name_limit));
  fact(out, "run", safe_text(set.run, name_limit));
  if (intent.revisions.empty()) fact(out, "commit", "none: the manifests were in no git work tree");
  for (const Revision& revision : intent.revisions) fact(out, "commit", revision_text(revision));
  fact(out, "manifests", "SHA-256 " + safe_text(intent.manifest_digest, name_limit));
}

void add_answer(std::string& out, const Dispatched& answer) {
  std::string line = rfc3339(answer.at) + "  ";
  if (answer.return_code)
    line += "return code " + std::to_string(*answer.return_code) + " (" +
            safe_text(answer.return_name, name_limit) + ")";
  else
    line += "lost; the host was found at work";
  fact(out, "answer", line);
  if (answer.job) fact(out, "job", safe_text(answer.job->path));
}

void add_end(std::string& out, const Settled& end) {
  for (const JobSighting& seen : end.job_states)
    fact(out, "job state",
         rfc3339(seen.at) + "  " + std::to_string(seen.state) + " (" +
             safe_text(seen.state_name, name_limit) + ")");
  if (end.job_error_code != 0) fact(out, "job error", std::to_string(end.job_error_code));
  for (const std::string& words : end.error_texts) fact(out, "told", safe_text(words));
  fact(out, closes(end) ? "settled" : "given up",
       rfc3339(end.at) + "  after " + report::seconds(end.took) + " s");
}

}  // namespace

std::string history_list(const std::vector<RecordedChange>& changes,
                         const std::vector<SettingId>& only, const Palette& palette) {
  std::vector<Row> rows;
  rows.reserve(changes.size());
  std::array<std::size_t, std::tuple_size_v<Row>> widest{};
  for (const RecordedChange& recorded : changes) {
    const Row& row = rows.emplace_back(row_of(recorded, only, palette));
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      widest[i] = std::clamp(width(row[i]), widest[i], widest_column);
  }
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t column = 0; column < widest.size(); ++column) {
      const std::string cell = padded(std::move(rows[i][column]), widest[column]);
      if (column > 0) out += "  ";
      out +=
          column == verdict_column ? palette.paint(report::tone(changes[i].verdict()), cell) : cell;
    }
    out += '\n';
  }
  return out + report::counted(changes.size(), "change") + "\n";
}

std::string history_details(const RecordedChange& recorded, const Palette& palette) {
  std::string out = "change " +
                    palette.paint(Tone::strong, safe_text(recorded.intent.set.id.value)) + ": " +
                    palette.paint(report::tone(recorded.verdict()), state(recorded)) + "\n";
  add_origin(out, recorded.intent);
  for (const RecordedSetting& setting : settings_of(recorded))
    fact(out, "setting", setting_text(setting, palette));
  for (const Dispatched& answer : recorded.answers) add_answer(out, answer);
  for (const Settled& end : recorded.ends) add_end(out, end);
  fact(out, "on record", "from record " + std::to_string(recorded.sequence) + " on");
  if (recorded.open())
    out +=
        "\nIts outcome is not known yet. The next \"hvsec apply\" with this ledger finds out, by "
        "the\n"
        "host's job or by reading the VM, before it changes anything there.\n";
  return out;
}

}  // namespace hvsec::cli
