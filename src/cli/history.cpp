#include <algorithm>
#include <ostream>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "reconciler/wall_time.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/deliver.hpp"
#include "src/cli/history_json.hpp"
#include "src/cli/history_text.hpp"
#include "src/report/json_writer.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

using Changes = std::vector<RecordedChange>;

constexpr int not_intact = 4;

WallTime now(const Runtime& runtime) {
  boost::asio::io_context context;
  return runtime.clock(context.get_executor())->wall_now();
}

ledger::HistoryFilter filter_of(const Options& options, const Runtime& runtime) {
  ledger::HistoryFilter filter;
  filter.hosts = options.hosts;
  filter.vms = options.vms;
  filter.verdicts = options.verdicts;
  // Which settings a change has is looked at here, and what is left out by that must not count.
  if (options.settings.empty()) filter.limit = static_cast<std::size_t>(options.limit);
  if (options.since) {
    const auto* age = std::get_if<std::chrono::hours>(&*options.since);
    filter.since = age != nullptr ? now(runtime) - *age : std::get<WallTime>(*options.since);
  }
  return filter;
}

void keep_chosen(Changes& changes, const Options& options) {
  if (options.settings.empty()) return;
  std::erase_if(changes, [&](const RecordedChange& recorded) {
    return settings_of(recorded, options.settings).empty();
  });
  if (options.limit > 0 && std::ssize(changes) > options.limit)
    changes.erase(changes.begin(), changes.end() - options.limit);
}

// A wrong path must not look like a history in which nothing happened.
int no_ledger(const std::string& file, Console& console) {
  return refuse(console, "there is no ledger " + file + "; name another with --ledger");
}

report::Palette palette(const Options& options, const Console& console) {
  const report::TextOptions style = text_options(options, console);
  return {style.colour, style.utf8};
}

bool is_narrowed(const Options& options) {
  return !options.hosts.empty() || !options.vms.empty() || !options.settings.empty() ||
         !options.verdicts.empty() || options.since || options.limit > 0;
}

std::string verified_json(const std::string& file, const ledger::ChainSummary* chain,
                          const std::string& error) {
  report::JsonWriter json;
  json.begin_object().member("formatVersion", 1).member("command", "history");
  json.member("ledger", file).member("intact", chain != nullptr);
  if (chain != nullptr) {
    json.member("records", chain->records).member("pruned", chain->pruned);
    json.member("head", chain->head);
    json.text_or_null("first", chain->records > 0 ? rfc3339(chain->first) : "");
    json.text_or_null("last", chain->records > 0 ? rfc3339(chain->last) : "");
  }
  json.text_or_null("error", error).end_object();
  return json.take();
}

void print(const ledger::ChainSummary& chain, std::ostream& out) {
  out << "intact: " << report::counted(static_cast<std::size_t>(chain.records), "record");
  if (chain.records > 0) out << " from " << rfc3339(chain.first) << " to " << rfc3339(chain.last);
  if (chain.pruned > 0) out << "; " << chain.pruned << " older ones were pruned";
  out << "\nhead: " << chain.head << "\n";
}

int verify(const std::string& file, const Options& options, Console& console,
           const History& history) {
  const auto chain = history.verify(file);
  if (chain && !*chain) return no_ledger(file, console);
  if (options.output == Format::json) {
    console.out << verified_json(file, chain ? &**chain : nullptr,
                                 chain ? "" : text(chain.error()));
    return chain ? 0 : not_intact;
  }
  if (!chain) {
    refuse(console, text(chain.error()));
    return not_intact;
  }
  print(**chain, console.out);
  return 0;
}

// Those that `word` may name, and perhaps others. A whole id needs no look at all of history.
Result<std::optional<Changes>> candidates(const std::string& word, const std::string& file,
                                          const History& history) {
  ledger::HistoryFilter exact;
  exact.change = ChangeId{word};
  auto changes = history.changes(file, exact);
  if (!changes || !*changes || !(*changes)->empty()) return changes;
  return history.changes(file, {});
}

// The one change that `word` names; an error, told on standard error, makes it empty.
std::optional<RecordedChange> find_change(const std::string& word, Changes changes,
                                          Console& console) {
  std::erase_if(changes, [&](const RecordedChange& recorded) {
    return !may_name(word, recorded.intent.set.id);
  });
  const auto exact = std::ranges::find_if(changes, [&](const RecordedChange& recorded) {
    const ChangeId& id = recorded.intent.set.id;
    return id.value == word || short_id(id) == word;
  });
  if (exact != changes.end()) return std::move(*exact);
  if (changes.size() == 1) return std::move(changes.front());
  if (changes.empty()) {
    refuse(console, "no change on record is called " + word + "; see \"hvsec history\"");
    return std::nullopt;
  }
  constexpr std::size_t shown = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(shown, changes.size()); ++i)
    (names += i == 0 ? "" : ", ") += changes[i].intent.set.id.value;
  if (changes.size() > shown) names += ", ...";
  refuse(console, word + " may be any of " + report::counted(changes.size(), "change") + ": " +
                      names + "; give more of the id");
  return std::nullopt;
}

}  // namespace

int history(const Options& options, Console& console, const Runtime& runtime,
            const History& history) {
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  if (options.verify) {
    if (is_narrowed(options))
      return refuse(console, "--verify looks at every record; leave out what narrows it down");
    return verify(*file, options, console, history);
  }
  auto changes = history.changes(*file, filter_of(options, runtime));
  if (!changes) return refuse(console, text(changes.error()));
  if (!*changes) return no_ledger(*file, console);
  keep_chosen(**changes, options);
  console.out << (options.output == Format::json
                      ? history_json(**changes, *file)
                      : history_list(**changes, options.settings, palette(options, console)));
  return 0;
}

int history_show(const Options& options, Console& console, const History& history) {
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  auto changes = candidates(options.argument, *file, history);
  if (!changes) return refuse(console, text(changes.error()));
  if (!*changes) return no_ledger(*file, console);
  const auto found = find_change(options.argument, std::move(**changes), console);
  if (!found) return 1;
  console.out << (options.output == Format::json
                      ? history_json({*found}, *file)
                      : history_details(*found, palette(options, console)));
  return 0;
}

int history_prune(const Options& options, Console& console, const Runtime& runtime,
                  const Pruning& pruning) {
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  if (!options.older_than)
    return refuse(console, "say how old a change has to be to go: --older-than 90d");
  const WallTime moment = now(runtime);
  const WallTime before = moment - *options.older_than;
  const auto pruned = pruning.prune(*file, before, moment, runtime.actor());
  if (!pruned) return refuse(console, "nothing was pruned: " + text(pruned.error()));
  if (options.output == Format::json) {
    report::JsonWriter json;
    json.begin_object().member("formatVersion", 1).member("command", "history prune");
    json.member("ledger", *file).member("before", rfc3339(before));
    json.member("changes", pruned->changes).member("records", pruned->records);
    json.member("suspensions", pruned->suspensions)
        .member("keptOpen", pruned->kept_open)
        .end_object();
    console.out << json.take();
    return 0;
  }
  console.out << "pruned " << report::counted(pruned->changes, "change") << " ("
              << report::counted(pruned->records, "record") << ") that ended before "
              << rfc3339(before) << "\n";
  if (pruned->suspensions > 0)
    console.out << "pruned " << report::counted(pruned->suspensions, "suspension")
                << " that had ended or were lifted\n";
  if (pruned->kept_open > 0)
    console.out << "kept " << report::counted(pruned->kept_open, "older change")
                << " whose outcome is not known yet\n";
  return 0;
}

}  // namespace hvsec::cli
