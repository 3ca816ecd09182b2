#include "src/wsman/challenges.hpp"

#include <algorithm>

#include "src/wsman/field_text.hpp"
#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

constexpr std::size_t longest_scheme = 32;
constexpr std::size_t longest_list = 128;

struct Challenge {
  std::string_view scheme;
  std::string_view rest;
};

// One field may name several schemes, with commas between these as well as between parameters; a
// parameter is known by its equals sign.
std::vector<Challenge> split(const std::vector<std::string>& fields) {
  std::vector<Challenge> found;
  for (const std::string_view field : fields) {
    for (std::size_t from = 0; from <= field.size();) {
      const std::size_t comma = std::min(field.find(',', from), field.size());
      const std::string_view piece = http::trim(field.substr(from, comma - from));
      const std::size_t space = std::min(piece.find(' '), piece.size());
      const std::string_view word = piece.substr(0, space);
      if (!word.empty() && word.find_first_of("=\"") == word.npos)
        found.push_back({word, http::trim(piece.substr(space))});
      from = comma + 1;
    }
  }
  return found;
}

}  // namespace

std::optional<std::string> challenge_token(const std::vector<std::string>& challenges,
                                           std::string_view scheme) {
  std::optional<std::string> token;
  for (const Challenge& each : split(challenges)) {
    if (!http::same_name(each.scheme, scheme)) continue;
    if (!token || token->empty()) token = std::string(each.rest);
  }
  return token;
}

std::string challenge_schemes(const std::vector<std::string>& challenges) {
  std::string all;
  for (const Challenge& each : split(challenges)) {
    if (!all.empty()) all += ", ";
    all += xml::printable(each.scheme, longest_scheme);
    if (all.size() > longest_list) break;
  }
  return all;
}

}  // namespace hvsec::wsman
