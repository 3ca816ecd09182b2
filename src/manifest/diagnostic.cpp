#include "src/manifest/diagnostic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hvsec::manifest {
namespace {

constexpr std::size_t longest_quote = 60;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Never in the middle of a character: the output stays UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= longest_quote) return text;
  std::size_t end = longest_quote;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace

std::string text(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  std::string line;
  if (place.file) line = (place.line == 0 ? *place.file : text(place)) + ": ";
  line += diagnostic.message;
  if (!diagnostic.hint.empty()) line += " (" + diagnostic.hint + ")";
  return line;
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string_view shown = cut(text);
  std::string out;
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return shown.size() < text.size() ? out + "..." : out;
}

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

void Errors::add(Position at, std::string message, std::string hint) {
  if (full())
    ++untold_;
  else
    kept_.push_back({place(at), std::move(message), std::move(hint)});
}

std::vector<Diagnostic> Errors::take() {
  std::vector<Diagnostic> all = std::exchange(kept_, {});
  std::ranges::sort(all, {}, [](const Diagnostic& diagnostic) {
    return std::tie(diagnostic.place.line, diagnostic.place.column, diagnostic.message);
  });
  if (untold_ > 0)
    all.push_back({place({}), "and " + std::to_string(untold_) + " more errors", {}});
  untold_ = 0;
  return all;
}

}  // namespace hvsec::manifest
