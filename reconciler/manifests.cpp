#include "reconciler/manifests.hpp"

#include <algorithm>

namespace hvsec {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool any_matches(const std::vector<Glob>& globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(name); });
}

}  // namespace

std::string_view name(WaiverEffect effect) {
  return effect == WaiverEffect::hold ? "hold" : "report";
}

// Greedy with one point of return, the last `*`: linear in practice, quadratic at worst, and never
// recursive, whatever pattern a manifest brings.
bool Glob::matches(std::string_view name) const {
  const std::string_view glob = pattern;
  std::size_t at = 0;
  std::size_t in_glob = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (at < name.size()) {
    if (in_glob < glob.size() && glob[in_glob] == '*') {
      star = in_glob++;
      resume = at;
    } else if (in_glob < glob.size() &&
               (glob[in_glob] == '?' || lower(glob[in_glob]) == lower(name[at]))) {
      ++in_glob;
      ++at;
    } else if (star != std::string_view::npos) {
      in_glob = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (in_glob < glob.size() && glob[in_glob] == '*') ++in_glob;
  return in_glob == glob.size();
}

bool selects(const HostSelector& selector, const HostManifest& host) {
  if (!selector.names.empty() && !any_matches(selector.names, host.name)) return false;
  return std::ranges::all_of(selector.labels, [&](const auto& wanted) {
    const auto found = host.labels.find(wanted.first);
    return found != host.labels.end() && found->second == wanted.second;
  });
}

bool selects(const VmSelector& selector, const LiveState& vm) {
  if (!selector.names.empty() && !any_matches(selector.names, vm.name)) return false;
  if (!selector.ids.empty() && std::ranges::find(selector.ids, vm.id) == selector.ids.end())
    return false;
  return !any_matches(selector.except, vm.name);
}

}  // namespace hvsec
