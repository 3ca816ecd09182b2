#include "src/metrics/textfile.hpp"

#include <algorithm>
#include <utility>

namespace hvsec::metrics {
namespace {

bool failed(Verdict verdict) { return verdict >= Verdict::failed; }

bool failed(const VmResult& vm) {
  return failed(vm.verdict()) || (vm.change && vm.change->ledger_error);
}

// As the exit code has it: what differs is no failure, what could not be evaluated is.
PassResult result_of(const HostResult& host) {
  if (host.error) {
    const bool hopeless =
        host.error->kind == ErrorKind::terminal || host.error->kind == ErrorKind::invalid;
    return hopeless ? PassResult::stalled : PassResult::error;
  }
  const bool any = std::ranges::any_of(host.vms, [](const VmResult& vm) { return failed(vm); });
  return any ? PassResult::error : PassResult::success;
}

}  // namespace

std::string textfile(const Report& report, const Manifests& manifests, Options options) {
  Metrics metrics(std::move(options));
  metrics.manifests(manifests, report.started);
  metrics.findings(report.findings);
  for (const HostResult& host : report.hosts)
    metrics.host_pass(host, {.finished = report.finished, .took = {}, .result = result_of(host)});
  return metrics.text(report.finished);
}

}  // namespace hvsec::metrics
