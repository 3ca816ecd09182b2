#include "src/cli/visit_hosts.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/concurrency.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec::cli {
namespace {

struct Tour {
  const std::vector<const HostManifest*>& hosts;
  const AskHost& ask;
  ReaderFactory readers;
  PassPorts ports;
  Duration limit{};
};

awaitable<Result<std::size_t>> ask_unless_stopped(const Tour& tour, HostReader& reader,
                                                  std::size_t index) {
  using boost::asio::experimental::awaitable_operators::operator||;
  if (tour.ports.stop.requested()) co_return fail(ErrorKind::cancelled, "stopped before its turn");
  auto first = co_await (with_timeout(tour.ask(reader, index), tour.ports.clock, tour.limit,
                                      ErrorKind::transient, "reading the host") ||
                         tour.ports.stop.wait());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::cancelled, "stopped before the host was read");
}

awaitable<Result<std::size_t>> ask_one(const Tour& tour, std::size_t index) {
  const auto reader = tour.readers(*tour.hosts[index]);
  if (!reader) co_return fail(reader.error());
  co_return co_await ask_unless_stopped(tour, **reader, index);
}

awaitable<void> visit(const Tour& tour, std::size_t index, HostVisit& visit) {
  const Instant began = tour.ports.clock.now();
  const auto asked = co_await ask_one(tour, index);
  visit.took = tour.ports.clock.now() - began;
  const std::string& name = tour.hosts[index]->name;
  if (asked) {
    tour.ports.progress.host_observed(name, *asked);
  } else {
    visit.error = asked.error();
    tour.ports.progress.host_unreachable(name, *visit.error);
  }
}

awaitable<bool> visit_all(Tour tour, std::vector<HostVisit>& visits, std::size_t at_once) {
  tour.ports.progress.pass_began(visits.size());
  const std::function<awaitable<void>(std::size_t)> one = [&](std::size_t index) {
    return visit(tour, index, visits[index]);
  };
  co_await for_each_concurrently(visits.size(), at_once, one);
  co_return true;
}

}  // namespace

std::vector<const HostManifest*> chosen_hosts(const Manifests& manifests, const Options& options) {
  std::vector<const HostManifest*> chosen;
  for (const HostManifest& host : manifests.hosts)
    if (options.hosts.empty() || std::ranges::any_of(options.hosts, [&](const Glob& glob) {
          return glob.matches(host.name);
        }))
      chosen.push_back(&host);
  std::ranges::sort(chosen, {}, &HostManifest::name);
  return chosen;
}

std::vector<HostVisit> visit_hosts(const std::vector<const HostManifest*>& hosts,
                                   const Options& options, const Reading& reading,
                                   const AskHost& ask, Work& work) {
  std::vector<HostVisit> visits(hosts.size());
  Tour tour{.hosts = hosts,
            .ask = ask,
            .readers = reading.readers(work.executor(), work.connection(), work.log()),
            .ports = work.ports(),
            .limit = options.host_timeout};
  work.run(visit_all(std::move(tour), visits, static_cast<std::size_t>(options.concurrent_hosts)));
  return visits;
}

}  // namespace hvsec::cli
