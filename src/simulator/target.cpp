#include "src/simulator/target.hpp"

#include <charconv>

namespace hvsec::simulator {
namespace {

// An escape that is none stays as it is.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t place = 0; place < text.size(); ++place) {
    unsigned value = 0;
    if (text[place] == '%' && text.size() - place > 2) {
      const char* digits = text.data() + place + 1;
      const auto read = std::from_chars(digits, digits + 2, value, 16);
      if (read.ec == std::errc() && read.ptr == digits + 2) {
        out += static_cast<char>(value);
        place += 2;
        continue;
      }
    }
    out += text[place];
  }
  return out;
}

template <class Take>
void split(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (const auto part = text.substr(0, end); !part.empty()) take(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

}  // namespace

std::string Target::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

Target parse_target(std::string_view text) {
  Target target;
  const auto question = text.find('?');
  split(text.substr(0, question), '/',
        [&](std::string_view part) { target.path.push_back(unescaped(part)); });
  if (question == std::string_view::npos) return target;
  split(text.substr(question + 1), '&', [&](std::string_view part) {
    const auto equals = part.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    target.parameters[unescaped(part.substr(0, equals))] = unescaped(value);
  });
  return target;
}

}  // namespace hvsec::simulator
