#include <algorithm>
#include <ostream>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "reconciler/wall_time.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/deliver.hpp"
#include "src/cli/suspensions_text.hpp"
#include "src/platform/run_id.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

WallTime now(const Runtime& runtime) {
  boost::asio::io_context context;
  return std::chrono::floor<std::chrono::milliseconds>(
      runtime.clock(context.get_executor())->wall_now());
}

// What --until and --for make of the end; empty: none.
Result<std::optional<WallTime>> end_of(const Options& options, WallTime moment) {
  if (options.until && options.lasts)
    return fail(ErrorKind::invalid, "give --until or --for, not both");
  const auto end = options.lasts ? std::optional(moment + *options.lasts) : options.until;
  if (end && *end <= moment)
    return fail(ErrorKind::invalid,
                "--until: " + utc_text(*end) + " is over; it is " + utc_text(moment) + " now");
  return end;
}

Result<Suspension> suspension(const Options& options, WallTime moment, std::string actor) {
  auto scope = parse_scope(options.argument);
  if (!scope)
    return fail(ErrorKind::invalid, "\"" + options.argument + "\" " + scope.error().detail);
  if (options.reason.empty())
    return fail(ErrorKind::invalid,
                "say why, for whoever finds it suspended: --reason \"moves to the new SAN\"");
  const auto end = end_of(options, moment);
  if (!end) return fail(end.error());
  return Suspension{.id = platform::unique_run_id(moment),
                    .scope = *std::move(scope),
                    .reason = options.reason,
                    .until = *end,
                    .actor = std::move(actor),
                    .at = moment};
}

// A selector as it was suspended with, or an id, or enough of its beginning to name one.
std::function<bool(const Suspension&)> named(const std::string& word) {
  return [word, scope = parse_scope(word)](const Suspension& one) {
    constexpr std::size_t enough = 4;
    if (scope && same_scope(*scope, one.scope)) return true;
    return one.id == word || (word.size() >= enough && short_id(one).starts_with(word));
  };
}

void list(const std::vector<Suspension>& suspensions, std::ostream& out) {
  for (const Suspension& one : suspensions) out << "  " << suspension_line(one) << '\n';
}

int nothing_matched(const std::string& word, const std::vector<Suspension>& left,
                    Console& console) {
  if (left.empty()) return refuse(console, "nothing was resumed: nothing is suspended");
  refuse(console, "nothing was resumed: no suspension has the selector or the id \"" + word +
                      "\"; suspended is:");
  list(left, console.err);
  return 1;
}

}  // namespace

int suspend(const Options& options, Console& console, const Runtime& runtime,
            const Suspending& suspending) {
  const auto made = suspension(options, now(runtime), runtime.actor());
  if (!made) return refuse(console, text(made.error()));
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  if (auto done = suspending.suspend(*file, *made); !done)
    return refuse(console, "nothing was suspended: " + text(done.error()));
  console.out << "suspended: " << suspension_line(*made) << '\n'
              << "Changes that are under way are brought to their end. To lift it: hvsec resume "
              << short_id(*made) << '\n';
  return 0;
}

int resume(const Options& options, Console& console, const Runtime& runtime,
           const Suspending& suspending) {
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  const auto done =
      suspending.resume(*file, named(options.argument), runtime.actor(), now(runtime));
  if (!done) return refuse(console, "nothing was resumed: " + text(done.error()));
  if (!*done)
    return refuse(console, "nothing was resumed: there is no ledger " + *file +
                               "; name another with --ledger");
  const ledger::Lifting& lifting = **done;
  if (lifting.lifted.empty()) return nothing_matched(options.argument, lifting.left, console);
  console.out << "resumed:\n";
  list(lifting.lifted, console.out);
  if (!lifting.left.empty()) {
    console.out << "still suspended:\n";
    list(lifting.left, console.out);
  }
  return 0;
}

int suspensions(const Options& options, Console& console, const Runtime& runtime,
                const Suspending& suspending) {
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  auto found = suspending.list(*file);
  if (!found) return refuse(console, text(found.error()));
  if (!*found)
    return refuse(console, "there is no ledger " + *file + "; name another with --ledger");
  const WallTime moment = now(runtime);
  if (!options.all)
    std::erase_if(**found, [&](const RecordedSuspension& recorded) {
      return recorded.lifted || !in_force(recorded.suspension, moment);
    });
  console.out << (options.output == Format::json ? suspensions_json(**found, *file, moment)
                                                 : suspensions_text(**found, moment));
  return 0;
}

}  // namespace hvsec::cli
