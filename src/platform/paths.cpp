#include "src/platform/paths.hpp"

#include <filesystem>
#include <system_error>
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

Result<void> make_private_folder(const std::string& folder) {
  std::error_code error;
  // Status first: create_directories is an error for a link to a folder.
  if (folder.empty() || fs::is_directory(folder, error)) return {};
  if (const std::string parent = fs::path(folder).parent_path().string();
      !parent.empty() && parent != folder)
    if (const auto made = make_private_folder(parent); !made) return fail(made.error());
  if (fs::create_directory(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::system, error.value()},
              "the folder " + folder + " cannot be made: " + error.message());
}

}  // namespace hvsec::platform
