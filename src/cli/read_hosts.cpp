#include "src/cli/read_hosts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hvsec::cli {
namespace {

awaitable<Result<std::size_t>> observe(HostReader& reader, std::vector<LiveState>& into) {
  auto observed = co_await reader.observe();
  if (!observed) co_return fail(observed.error());
  into = std::move(observed->vms);
  for (LiveState& vm : into) vm.data.reset();  // Nothing will be done to it.
  co_return into.size();
}

void keep_chosen(std::vector<LiveState>& vms, const std::vector<Glob>& globs) {
  const auto is_chosen = [&](const LiveState& vm) {
    return std::ranges::any_of(
        globs, [&](const Glob& glob) { return glob.matches(vm.name) || glob.matches(vm.id.guid); });
  };
  if (!globs.empty()) std::erase_if(vms, [&](const LiveState& vm) { return !is_chosen(vm); });
  std::ranges::sort(vms, [](const LiveState& a, const LiveState& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
}

}  // namespace

std::vector<HostReading> read_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, Work& work) {
  const auto hosts = chosen_hosts(manifests, options);
  std::vector<HostReading> readings(hosts.size());
  const AskHost ask = [&](HostReader& host, std::size_t index) {
    return observe(host, readings[index].vms);
  };
  std::vector<HostVisit> visits = visit_hosts(hosts, options, reading, ask, work);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    readings[i].host = hosts[i];
    readings[i].error = std::move(visits[i].error);
    keep_chosen(readings[i].vms, options.vms);
  }
  return readings;
}

}  // namespace hvsec::cli
