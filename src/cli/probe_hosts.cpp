#include "src/cli/probe_hosts.hpp"

#include <utility>

namespace hvsec::cli {
namespace {

// A host that was asked to the end is a success, whatever it answered: its failures are in `found`.
awaitable<Result<std::size_t>> probe(HostReader& host, HostProbe& found) {
  co_await host.probe(found);
  co_return found.vms.value_or(0);
}

}  // namespace

std::vector<ProbedHost> probe_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, Work& work) {
  const auto hosts = chosen_hosts(manifests, options);
  std::vector<ProbedHost> probed(hosts.size());
  const AskHost ask = [&](HostReader& host, std::size_t index) {
    return probe(host, probed[index].probe);
  };
  std::vector<HostVisit> visits = visit_hosts(hosts, options, reading, ask, work);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    HostProbe& found = probed[i].probe;
    probed[i].host = hosts[i];
    probed[i].took = visits[i].took;
    if (auto& error = visits[i].error) found.failures.push_back({found.step, *std::move(error)});
  }
  return probed;
}

}  // namespace hvsec::cli
