#include <algorithm>
#include <ostream>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/hosts_json.hpp"
#include "src/cli/hosts_text.hpp"
#include "src/cli/input.hpp"
#include "src/cli/probe_hosts.hpp"

namespace hvsec::cli {

int hosts(const Options& options, Console& console, const Runtime& runtime,
          const Reading& reading) {
  const auto loaded = load_manifests(options, Needs::hosts, console);
  if (!loaded) return 1;
  Work work(options, console, runtime);
  const std::vector<ProbedHost> probed = probe_hosts(loaded->manifests, options, reading, work);
  const int result = std::ranges::all_of(probed, is_usable) ? 0 : 4;
  const int code = work.signal() ? 128 + *work.signal() : result;
  const WallTime now = work.ports().clock.wall_now();
  if (options.output == Format::json) {
    console.out << hosts_json(probed, now, code);
    return code;
  }
  const report::TextOptions style = text_options(options, console);
  console.out << hosts_text(probed, now, report::Palette(style.colour, style.utf8));
  return code;
}

}  // namespace hvsec::cli
