#include "src/platform/paths.hpp"

#include <filesystem>
#include <unistd.h>

namespace hvsec::platform {

namespace fs = std::filesystem;

Result<std::string> state_folder(const Environment& environment, bool root) {
  if (root) return "/var/lib/hvsec";
  const auto state = environment("XDG_STATE_HOME");
  if (state && fs::path(*state).is_absolute()) return (fs::path(*state) / "hvsec").string();
  const auto home = environment("HOME");
  if (home && fs::path(*home).is_absolute())
    return (fs::path(*home) / ".local/state/hvsec").string();
  return fail(ErrorKind::invalid,
              "no folder for the ledger is known, since neither XDG_STATE_HOME nor HOME is set; "
              "name a file with --ledger");
}

bool running_as_root() { return geteuid() == 0; }

}  // namespace hvsec::platform
