#include "src/metrics/vm_series.hpp"

namespace hvsec::metrics {

std::vector<ChosenVm> choose_vms(const HostStates& hosts, std::size_t limit) {
  std::vector<ChosenVm> chosen;
  for (const auto list : {&HostFigures::out_of_sync, &HostFigures::in_sync}) {
    for (const auto& [name, host] : hosts) {
      for (const VmFigures& vm : host.vms.*list) {
        if (chosen.size() == limit) return chosen;
        chosen.push_back({.host = &name, .vm = &vm});
      }
    }
  }
  return chosen;
}

}  // namespace hvsec::metrics
