#include "src/report/text.hpp"

#include <algorithm>
#include <map>

#include "src/report/duration_text.hpp"
#include "src/report/palette.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/summary.hpp"
#include "src/report/wording.hpp"

namespace hvsec::report {
namespace {

constexpr std::size_t name_limit = 200;
constexpr std::size_t waiver_limit = 2000;
constexpr std::size_t shown_unmanaged = 5;

class TextRenderer {
 public:
  TextRenderer(const Report& report, const TextOptions& options)
      : report_(report),
        command_(command(report)),
        palette_(options.colour, options.utf8),
        verbose_(options.verbose) {}

  std::string render();

 private:
  void host(const HostResult& host);
  void vm(const VmResult& vm, const std::string& label);
  void setting(const SettingOutcome& outcome);
  void recovered(const VmResult& vm, const RecoveredChange& recovered);
  void change(const VmResult& vm, const ChangeOutcome& change);
  void job(const ChangeOutcome& change);
  void quiet_vms(const HostResult& host, const std::vector<std::string>& labels);
  void findings();
  void revisions();

  // One line at `depth` levels of indentation.
  void line(std::size_t depth, const std::string& text) {
    out_.append(2 * depth, ' ').append(text) += '\n';
  }
  void note(const std::string& text) { line(4, palette_.paint(Tone::faint, text)); }
  [[nodiscard]] std::string mark(Verdict verdict) const {
    return palette_.paint(tone(verdict), palette_.symbol(verdict));
  }
  [[nodiscard]] std::string marked_word(const SettingOutcome& outcome) const {
    const bool audited = outcome.reason == Reason::audit_only;
    std::string words(audited ? "drifted (audit only)" : word(outcome.verdict, command_));
    const std::string_view cause = cause_text(outcome);
    if (!cause.empty()) words.append(" (").append(cause).append(")");
    return palette_.paint(tone(outcome.verdict), words);
  }
  [[nodiscard]] bool shown(const VmResult& vm) const {
    return !vm.recovered.empty() ||
           (vm.managed && (verbose_ || vm.verdict() != Verdict::in_sync || vm.change));
  }

  const Report& report_;
  Command command_;
  Palette palette_;
  bool verbose_;
  std::string out_;
};

// Names are not unique on a host; where two VMs share one, the start of the id tells them apart.
std::vector<std::string> vm_labels(const std::vector<VmResult>& vms) {
  std::map<std::string_view, int> by_name;
  std::map<std::string, int> by_short_label;
  const auto short_label = [](const VmResult& vm) {
    return vm.name + " [" + vm.id.guid.substr(0, 8);
  };
  for (const VmResult& vm : vms) {
    ++by_name[vm.name];
    ++by_short_label[short_label(vm)];
  }
  std::vector<std::string> labels;
  labels.reserve(vms.size());
  for (const VmResult& vm : vms) {
    const bool unique = by_name[vm.name] == 1 && !vm.name.empty();
    const std::string safe_name = safe_text(vm.name.empty() ? "(no name)" : vm.name, name_limit);
    const bool short_id = by_short_label[short_label(vm)] == 1;
    const std::string id = safe_text(short_id ? vm.id.guid.substr(0, 8) : vm.id.guid, name_limit);
    labels.push_back(unique ? safe_name : safe_name + " [" + id + "]");
  }
  return labels;
}

// A setting's detail quotes the error of the change where the change ended by it.
bool already_said(const Error& error, const VmResult& vm) {
  return std::ranges::any_of(vm.settings, [&](const SettingOutcome& outcome) {
    return outcome.detail.find(error.detail) != std::string::npos;
  });
}

std::string TextRenderer::render() {
  for (const HostResult& each : report_.hosts) host(each);
  findings();
  revisions();
  line(0, palette_.paint(Tone::strong, summary_line(report_)));
  return std::move(out_);
}

void TextRenderer::host(const HostResult& host) {
  line(0, palette_.paint(Tone::strong, safe_text(host.name, name_limit)) + "  " +
              palette_.paint(Tone::faint, safe_text(host.endpoint, name_limit)));
  if (host.error) {
    const bool stopped = host.error->kind == ErrorKind::cancelled;
    line(1, palette_.paint(Tone::bad, std::string(palette_.symbol(Verdict::failed)) +
                                          (stopped ? " not read: " : " unreachable: ")) +
                safe_text(hvsec::text(*host.error)));
  }
  const bool none_named =
      std::ranges::none_of(host.vms, [&](const VmResult& vm) { return shown(vm) || !vm.managed; });
  const auto labels = none_named ? std::vector<std::string>() : vm_labels(host.vms);
  for (std::size_t i = 0; i < host.vms.size(); ++i)
    if (shown(host.vms[i])) vm(host.vms[i], labels[i]);
  quiet_vms(host, labels);
  out_ += '\n';
}

void TextRenderer::vm(const VmResult& vm, const std::string& label) {
  line(1, palette_.paint(Tone::strong, label) + " (" + std::string(text(vm.power)) + ")");
  for (const RecoveredChange& each : vm.recovered) recovered(vm, each);
  for (const SettingOutcome& outcome : vm.settings)
    if (verbose_ || outcome.verdict != Verdict::in_sync) setting(outcome);
  if (vm.change) change(vm, *vm.change);
}

void TextRenderer::setting(const SettingOutcome& outcome) {
  const DeclaredValue& declared = *outcome.desired.declared;
  std::string values(text(outcome.before));
  if (outcome.verdict != Verdict::in_sync)
    values +=
        " " + std::string(palette_.arrow()) + " " + std::string(text(to_value(declared.value)));
  std::string place = file_and_line(declared.place);
  place = (place.empty() ? "" : place + " ") + "(" + outcome.desired.policy->name + ")";
  line(2, mark(outcome.verdict) + " " + std::string(schema::spec(outcome.setting).name) + ": " +
              values + "  " + marked_word(outcome) + "  " +
              palette_.paint(Tone::faint, safe_text(place)));
  const std::string why = explanation(outcome);
  if (!why.empty()) note(safe_text(why));
  const std::string waiver = waiver_text(outcome);
  if (!waiver.empty()) note(safe_text(waiver, waiver_limit));
}

void TextRenderer::recovered(const VmResult& vm, const RecoveredChange& recovered) {
  for (std::size_t i = 0; i < recovered.settings.size(); ++i) {
    const Change& asked = recovered.set.changes[i];
    const Verdict verdict = recovered.settings[i].verdict;
    line(2,
         mark(verdict) + " " + std::string(schema::spec(asked.setting).name) + ": " +
             std::string(text(asked.before)) + " " + std::string(palette_.arrow()) + " " +
             std::string(text(to_value(asked.desired))) + "  " +
             palette_.paint(tone(verdict), word(verdict, command_)) + "  " +
             palette_.paint(Tone::faint, "by an earlier run (change " +
                                             safe_text(recovered.set.id.value, name_limit) + ")"));
  }
  if (!recovered.detail.empty()) note(safe_text(recovered.detail));
  change(vm, recovered.change);
}

void TextRenderer::change(const VmResult& vm, const ChangeOutcome& change) {
  if (change.error && !already_said(*change.error, vm))
    note("What went wrong: " + safe_text(hvsec::text(*change.error)));
  for (const std::string& words : change.error_texts) note("The host says: " + safe_text(words));
  if (change.ledger_error)
    note("Not recorded in the ledger: " + safe_text(hvsec::text(*change.ledger_error)));
  const bool troubled = change.error || !change.error_texts.empty() || change.job_error_code != 0;
  if (verbose_ || troubled) job(change);
}

void TextRenderer::job(const ChangeOutcome& change) {
  if (!change.dispatch) return;
  std::string text = "Return code " + std::to_string(change.dispatch->return_code) + " (" +
                     safe_text(change.dispatch->return_name, name_limit) + ")";
  for (const JobSighting& seen : change.job_states) {
    text += &seen == &change.job_states.front() ? "; job: " : ", ";
    text += safe_text(seen.state_name, name_limit);
  }
  if (change.job_error_code != 0) text += "; job error " + std::to_string(change.job_error_code);
  note(text + "; took " + seconds(change.took) + " s.");
}

void TextRenderer::quiet_vms(const HostResult& host, const std::vector<std::string>& labels) {
  std::size_t in_sync = 0;
  std::size_t unmanaged = 0;
  std::string names;
  for (std::size_t i = 0; i < host.vms.size(); ++i) {
    if (shown(host.vms[i])) continue;
    if (host.vms[i].managed) {
      ++in_sync;
      continue;
    }
    ++unmanaged;
    if (!verbose_ && unmanaged > shown_unmanaged) continue;
    names += (names.empty() ? "" : ", ") + labels[i];
  }
  if (in_sync > 0) line(1, mark(Verdict::in_sync) + " " + counted(in_sync, "VM") + " in sync");
  if (unmanaged == 0) {
    if (host.vms.empty() && !host.error) line(1, "no VMs");
    return;
  }
  if (!verbose_ && unmanaged > shown_unmanaged) names += ", ...";
  line(1, counted(unmanaged, "VM") + " unmanaged (no manifest selects " +
              (unmanaged == 1 ? "it" : "them") + "): " + names);
}

void TextRenderer::findings() {
  if (report_.findings.empty()) return;
  line(0, palette_.paint(Tone::strong, "Findings"));
  for (const Finding& finding : report_.findings) {
    const std::string place = file_and_line(finding.place);
    line(1, palette_.paint(Tone::caution, "!") + " " +
                (finding.host.empty() ? "" : safe_text(finding.host, name_limit) + ": ") +
                safe_text(finding.text) +
                (place.empty() ? "" : "  " + palette_.paint(Tone::faint, safe_text(place))));
  }
  out_ += '\n';
}

void TextRenderer::revisions() {
  for (const Revision& revision : report_.revisions)
    line(0, palette_.paint(Tone::faint, "manifests: " + safe_text(short_text(revision))));
}

}  // namespace

std::string render_text(const Report& report, const TextOptions& options) {
  return TextRenderer(report, options).render();
}

}  // namespace hvsec::report
