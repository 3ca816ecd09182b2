#include "reconciler/recover.hpp"

#include <algorithm>
#include <utility>

#include "reconciler/pursuit.hpp"

namespace hvsec {
namespace {

const Dispatched* last_answer(const OpenChange& open) {
  return open.answers.empty() ? nullptr : &open.answers.back();
}

// A busy host is asked again for a while, and only the first time is on record.
WallTime last_sent(const OpenChange& open, const ApplyPolicy& policy, WallTime now) {
  const auto patience = std::chrono::duration_cast<WallTime::duration>(policy.busy_limit);
  return std::min(now, open.intent.at + patience);
}

// What the run before us would have found, had it gone on.
awaitable<ChangeEnd> pursue(Pursuit& pursuit, const OpenChange& open, LiveState live,
                            WallTime sent) {
  const Dispatched* answer = last_answer(open);
  if (answer == nullptr || !answer->job) co_return co_await pursuit.find(std::move(live), sent);
  const ChangeEnd end = co_await pursuit.follow(*answer->job, nullptr);
  const bool host_named_it = answer->return_code.has_value();
  if (host_named_it || end == ChangeEnd::job_running) co_return end;
  // A job that was only found need not have been the one: others may not have been looked at yet.
  const ChangeEnd others = co_await pursuit.find(std::move(live), sent);
  co_return others == ChangeEnd::lost ? end : others;
}

std::string name_of(const VmId& vm, const std::string& name) {
  return name.empty() ? vm.guid : name + " (" + vm.guid + ")";
}

}  // namespace

awaitable<RecoveredChange> recover(OpenChange open, LiveState live, ApplyPorts ports,
                                   ApplyPolicy policy) {
  Pursuit pursuit(open.intent.set, ports, policy);
  ports.progress.recovery_began(pursuit.set());
  const WallTime sent = last_sent(open, policy, ports.clock.wall_now());
  const ChangeEnd end = co_await pursue(pursuit, open, live, sent);
  const auto state = co_await pursuit.read(std::move(live));
  Result<Settings> after;
  if (state)
    after = state->settings;
  else
    after = fail(state.error());
  RecoveredChange recovered;
  recovered.set = pursuit.set();
  recovered.settings = pursuit.judged(end, after);
  const bool well = std::ranges::all_of(recovered.settings, [](const SettledSetting& setting) {
    return setting.verdict == Verdict::corrected;
  });
  if (!well) recovered.detail = pursuit.explain(end, after);
  if (state) recovered.live = *state;
  co_await pursuit.settle(recovered.settings);
  recovered.change = std::move(pursuit.outcome());
  co_return recovered;
}

awaitable<RecoveredChange> give_up(OpenChange open, ApplyPorts ports, ApplyPolicy policy) {
  Pursuit pursuit(open.intent.set, ports, policy);
  ports.progress.recovery_began(pursuit.set());
  RecoveredChange recovered;
  recovered.set = pursuit.set();
  recovered.detail = name_of(recovered.set.vm, recovered.set.vm_name) + " is no longer on " +
                     recovered.set.host + "; nobody can say what the change did";
  for (const Change& change : recovered.set.changes)
    recovered.settings.push_back(
        {.setting = change.setting, .verdict = Verdict::unknown, .after = SettingValue::unset});
  pursuit.outcome().error_texts.push_back(recovered.detail);
  co_await pursuit.settle(recovered.settings);
  recovered.change = std::move(pursuit.outcome());
  co_return recovered;
}

}  // namespace hvsec
