#include "src/hyperv/interval.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace hvsec::hyperv {
namespace {

using std::chrono::microseconds;

constexpr microseconds longest = std::chrono::years(100);

// Takes a number of `unit`, each as long as `length`, off the front of `text` if it begins with
// one. Leaves what it does not understand.
microseconds take(std::string_view& text, char unit, microseconds length) {
  const std::size_t size = text.find(unit);
  if (size == text.npos) return {};
  double number = 0;
  const char* const begin = text.data();
  const char* const end = begin + size;
  const auto [rest, error] = std::from_chars(begin, end, number, std::chars_format::fixed);
  const double most = static_cast<double>(longest.count()) / static_cast<double>(length.count());
  if (error != std::errc() || rest != end || !(number >= 0 && number <= most)) return {};
  text.remove_prefix(size + 1);
  return microseconds(std::llround(number * static_cast<double>(length.count())));
}

}  // namespace

std::optional<microseconds> parse_interval(std::string_view text) {
  if (!text.starts_with('P')) return std::nullopt;
  std::string_view date = text.substr(1, text.find('T') - 1);
  std::string_view time = text.substr(1 + date.size());
  if (time.starts_with('T')) time.remove_prefix(1);
  microseconds total = take(date, 'D', std::chrono::days(1));
  total += take(time, 'H', std::chrono::hours(1));
  total += take(time, 'M', std::chrono::minutes(1));
  total += take(time, 'S', std::chrono::seconds(1));
  if (!date.empty() || !time.empty() || total > longest) return std::nullopt;
  return total;
}

}  // namespace hvsec::hyperv
