#include "src/platform/actor.hpp"

#include <array>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace hvsec::platform {
namespace {

std::string user_name() {
  constexpr std::size_t longest_entry = 16384;
  const uid_t id = getuid();
  std::vector<char> texts(longest_entry);
  passwd entry{};
  passwd* found = nullptr;
  const int code = getpwuid_r(id, &entry, texts.data(), texts.size(), &found);
  if (code != 0 || found == nullptr || *found->pw_name == '\0') return std::to_string(id);
  return found->pw_name;
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "unknown";
  return name.data();
}

}  // namespace

std::string actor() { return user_name() + "@" + machine_name(); }

}  // namespace hvsec::platform
