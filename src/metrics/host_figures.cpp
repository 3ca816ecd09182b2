#include "src/metrics/host_figures.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "src/metrics/scrape.hpp"
#include "src/metrics/standing.hpp"

namespace hvsec::metrics {
namespace {

VmFigures vm_figures(const VmResult& vm) {
  VmFigures figures{.name = label_text(vm.name),
                    .id = label_text(vm.id.guid),
                    .in_sync = standing(vm.verdict()) == Standing::accepted,
                    .differs = {}};
  for (const SettingOutcome& outcome : vm.settings) {
    const Standing known = standing(outcome.verdict);
    if (known != Standing::unclear) figures.differs[outcome.setting] = known == Standing::differs;
  }
  return figures;
}

void count(const VmResult& vm, HostFigures& figures) {
  ++figures.managed;
  ++figures.verdicts[vm.verdict()];
  for (const SettingOutcome& outcome : vm.settings) {
    auto& drifted = figures.drifted[outcome.setting];
    drifted = drifted.value_or(0) + (standing(outcome.verdict) == Standing::differs ? 1 : 0);
  }
}

}  // namespace

HostFigures host_figures(const HostResult& result, std::size_t vm_series) {
  HostFigures figures;
  std::set<std::string_view> seen;  // Two series of one VM would spoil the whole scrape.
  for (const VmResult& vm : result.vms) {
    if (!seen.insert(vm.id.guid).second) continue;
    if (!vm.managed) {
      ++figures.unmanaged;
      continue;
    }
    count(vm, figures);
    auto& list =
        standing(vm.verdict()) == Standing::accepted ? figures.in_sync : figures.out_of_sync;
    if (list.size() < vm_series) list.push_back(vm_figures(vm));
  }
  return figures;
}

}  // namespace hvsec::metrics
