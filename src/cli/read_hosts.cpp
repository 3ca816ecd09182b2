#include "src/cli/read_hosts.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/concurrency.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec::cli {
namespace {

struct Probe {
  ReaderFactory readers;
  PassPorts ports;
  Duration limit{};
  bool identify = false;
};

// A `Result` that can be made before there is anything in it, which `||` of awaitables asks for.
awaitable<Result<bool>> ask(HostReader& reader, bool identify, HostReading& into) {
  if (identify) {
    auto identity = co_await reader.identify();
    if (!identity) co_return fail(identity.error());
    into.identity = *std::move(identity);
  }
  auto observed = co_await reader.observe();
  if (!observed) co_return fail(observed.error());
  into.vms = std::move(observed->vms);
  co_return true;
}

awaitable<Result<bool>> ask_unless_stopped(const Probe& probe, HostReader& reader,
                                           HostReading& into) {
  using boost::asio::experimental::awaitable_operators::operator||;
  if (probe.ports.stop.requested()) co_return fail(ErrorKind::cancelled, "stopped before its turn");
  auto first = co_await (with_timeout(ask(reader, probe.identify, into), probe.ports.clock,
                                      probe.limit, ErrorKind::transient, "reading the host") ||
                         probe.ports.stop.wait());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::cancelled, "stopped before the host was read");
}

awaitable<void> read_host(const Probe& probe, HostReading& into) {
  const Instant began = probe.ports.clock.now();
  const auto reader = probe.readers(*into.host);
  if (!reader) {
    into.error = reader.error();
  } else {
    const auto asked = co_await ask_unless_stopped(probe, **reader, into);
    if (!asked) into.error = asked.error();
  }
  into.took = probe.ports.clock.now() - began;
  if (into.error) {
    into.vms.clear();
    probe.ports.progress.host_unreachable(into.host->name, *into.error);
  } else {
    probe.ports.progress.host_observed(into.host->name, into.vms.size());
  }
}

awaitable<bool> read_all(Probe probe, std::vector<HostReading>& readings, std::size_t at_once) {
  probe.ports.progress.pass_began(readings.size());
  const std::function<awaitable<void>(std::size_t)> one = [&](std::size_t index) {
    return read_host(probe, readings[index]);
  };
  co_await for_each_concurrently(readings.size(), at_once, one);
  co_return true;
}

bool any_matches(const std::vector<Glob>& globs, std::string_view text) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(text); });
}

void keep_chosen(std::vector<LiveState>& vms, const std::vector<Glob>& globs) {
  if (!globs.empty())
    std::erase_if(vms, [&](const LiveState& vm) {
      return !any_matches(globs, vm.name) && !any_matches(globs, vm.id.guid);
    });
  std::ranges::sort(vms, [](const LiveState& a, const LiveState& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
}

}  // namespace

std::vector<HostReading> read_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, bool identify, Work& work) {
  std::vector<HostReading> readings;
  for (const HostManifest& host : manifests.hosts) {
    if (!options.hosts.empty() && !any_matches(options.hosts, host.name)) continue;
    readings.push_back({.host = &host, .error = {}, .identity = {}, .vms = {}});
  }
  std::ranges::sort(readings, {}, [](const HostReading& each) { return each.host->name; });
  Probe probe{.readers = reading.readers(work.executor(), work.connection(), work.log()),
              .ports = work.ports(),
              .limit = options.host_timeout,
              .identify = identify};
  work.run(
      read_all(std::move(probe), readings, static_cast<std::size_t>(options.concurrent_hosts)));
  for (HostReading& each : readings) keep_chosen(each.vms, options.vms);
  return readings;
}

}  // namespace hvsec::cli
