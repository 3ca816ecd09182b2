#include <utility>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/deliver.hpp"
#include "src/cli/input.hpp"
#include "src/cli/work.hpp"

namespace hvsec::cli {
namespace {

awaitable<Result<Report>> apply_with_history(const Manifests& manifests, HostFactory hosts,
                                             Ledger& ledger, PassPorts ports, PassOptions options) {
  auto state = co_await ledger.state();
  if (!state) co_return fail(state.error());
  co_return co_await hvsec::apply(manifests, std::move(hosts), ledger, ports, std::move(options),
                                  *state);
}

}  // namespace

int apply(const Options& options, Console& console, const Runtime& runtime,
          const Changing& changing) {
  auto loaded = load_manifests(options, Needs::hosts_and_policies, console);
  if (!loaded) return 1;
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));

  Work work(options, console, runtime);
  const Manifests manifests = with_revisions(*std::move(loaded), runtime, work.log());
  PassOptions pass = work.pass_options();
  auto plan = load_plan(options, manifests, work.ports().clock.wall_now());
  if (!plan) return refuse(console, "nothing was changed: " + text(plan.error()));
  pass.plan = *std::move(plan);
  pass.gate = std::make_shared<Rollout>(options.rollout);
  const auto ledger = changing.ledger(*file);
  if (!ledger)
    return refuse(console,
                  "nothing was changed, since the ledger cannot be used: " + text(ledger.error()));
  HostFactory hosts = changing.hosts(work.executor(), work.connection(), work.log());
  auto report = work.run(
      apply_with_history(manifests, std::move(hosts), **ledger, work.ports(), std::move(pass)));
  if (!report)
    return refuse(console,
                  "nothing was changed, since the ledger cannot be read: " + text(report.error()));
  report->signal = work.signal();
  if (matched_nothing(*report, options, console)) return 1;
  return deliver(*report, manifests, options, console);
}

}  // namespace hvsec::cli
