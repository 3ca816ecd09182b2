#include <utility>

#include "reconciler/concurrency.hpp"
#include "reconciler/fleet_pass.hpp"
#include "reconciler/plan.hpp"

namespace hvsec {
namespace {

void defer_for_budget(std::vector<SettingOutcome>& settings) {
  for (SettingOutcome* outcome : about_to_change(settings)) {
    outcome->verdict = Verdict::deferred;
    outcome->reason = Reason::budget;
  }
}

class CheckPass final : public FleetPass {
 public:
  CheckPass(const Manifests& manifests, ReaderFactory factory, PassPorts ports, PassOptions options,
            const LedgerState& history)
      : FleetPass("check", manifests, ports, std::move(options), history),
        factory_(std::move(factory)) {}

 private:
  awaitable<void> work_on(std::size_t index) override;
  void finish() override;

  ReaderFactory factory_;
};

awaitable<void> CheckPass::work_on(std::size_t index) {
  const auto reader = factory_(host(index));
  if (!reader) {
    give_up(index, reader.error(), Asked::no);
    co_return;
  }
  std::vector<PendingVm> pending = co_await observe(index, **reader);
  const std::function<awaitable<void>(std::size_t)> ask = [&](std::size_t i) -> awaitable<void> {
    co_await ask_key_protector(index, pending[i], **reader);
  };
  co_await for_each_concurrently(
      pending.size(), static_cast<std::size_t>(host(index).limits.concurrent_requests), ask);
  ports_.progress.host_done(host(index).name);
}

void CheckPass::finish() {
  for (std::size_t index = 0; index < report_.hosts.size(); ++index) {
    auto own = own_budget(index);
    Budget& budget = own ? *own : run_budget_;
    for (VmResult& vm : result(index).vms) {
      if (vm.verdict() == Verdict::in_sync) continue;
      if (is_migrating(vm.id)) defer_migrating(vm.settings);
      if (changes(vm.settings).empty()) continue;
      if (!budget.take()) defer_for_budget(vm.settings);
    }
  }
}

}  // namespace

awaitable<Report> check(const Manifests& manifests, ReaderFactory hosts, PassPorts ports,
                        PassOptions options, const LedgerState& history) {
  CheckPass pass(manifests, std::move(hosts), ports, std::move(options), history);
  co_return co_await pass.run();
}

}  // namespace hvsec
