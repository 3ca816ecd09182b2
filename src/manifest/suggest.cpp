#include "src/manifest/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "src/manifest/diagnostic.hpp"

namespace hvsec::manifest {
namespace {

constexpr std::size_t longest_considered = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many letters to add, drop, exchange or swap with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view wrong, std::span<const std::string_view> names) {
  if (wrong.size() > longest_considered) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t found = distance(wrong, name);
    if (found < best_distance) {
      best = name;
      best_distance = found;
    }
  }
  return best;
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
  const std::string_view near = nearest(wrong, names);
  if (!near.empty()) return "did you mean " + in_quotes(near) + "?";
  return (names.size() == 1 ? "expected: " : "expected one of: ") + join(names);
}

std::string join(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace hvsec::manifest
