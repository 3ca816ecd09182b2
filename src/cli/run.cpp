#include <ostream>

#include "src/cli/commands.hpp"
#include "src/cli/parse.hpp"
#include "src/cli/services.hpp"

namespace hvsec::cli {
namespace {

int dispatch(const Invocation& invocation, Services& services) {
  const Options& options = invocation.options;
  Console& console = services.console;
  switch (invocation.command) {
    case Command::validate:
      return validate(options, console, services.runtime);
    case Command::plan:
      return plan(options, console, services.runtime, services.reading);
    case Command::check:
      return check(options, console, services.runtime, services.reading);
    case Command::apply:
      return apply(options, console, services.runtime, services.changing);
    case Command::run:
      return run_loop(options, console, services.runtime, services.changing, services.running);
    case Command::export_manifests:
      return export_manifests(options, console, services.runtime, services.reading);
    case Command::explain:
      return explain(options, console);
    case Command::hosts:
      return hosts(options, console, services.runtime, services.reading);
    case Command::history:
      return history(options, console, services.runtime, services.history);
    case Command::history_show:
      return history_show(options, console, services.history);
    case Command::history_prune:
      return history_prune(options, console, services.runtime, services.pruning);
    case Command::suspend:
      return suspend(options, console, services.runtime, services.suspending);
    case Command::resume:
      return resume(options, console, services.runtime, services.suspending);
    case Command::suspensions:
      return suspensions(options, console, services.runtime, services.suspending);
    case Command::schema:
      return schema(options, console);
    case Command::version:
      return version(options, console);
    case Command::completion:
      return completion(options, console);
  }
  return 1;
}

}  // namespace

int run(const std::vector<std::string>& words, Services& services) {
  const auto parsed = parse(words, services.console.environment);
  if (const auto* answer = std::get_if<Answer>(&parsed)) {
    services.console.out << answer->output;
    services.console.err << answer->errors;
    return answer->exit_code;
  }
  return dispatch(std::get<Invocation>(parsed), services);
}

}  // namespace hvsec::cli
