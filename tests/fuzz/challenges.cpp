#include "src/wsman/challenges.hpp"

#include <string>
#include <vector>

#include "src/wsman/base64.hpp"
#include "src/wsman/fault.hpp"
#include "tests/fuzz/fuzz.hpp"

/// WWW-Authenticate fields, one to a line.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  std::string_view rest = fuzz::text_of(data, size);
  std::vector<std::string> fields;
  while (!rest.empty()) fields.emplace_back(fuzz::take_line(rest));
  fuzz::require(fuzz::is_printable(wsman::challenge_schemes(fields)));
  const Error error = wsman::http_error(401, fields, "Negotiate", wsman::Effect::read);
  fuzz::require(fuzz::is_printable(error.detail));
  const auto token = wsman::challenge_token(fields, "Negotiate");
  if (!token) return 0;
  const auto bytes = wsman::from_base64(*token);
  // What is decoded is what was meant: only the last character's unused bits may differ.
  if (bytes) fuzz::require(wsman::from_base64(wsman::base64(*bytes)) == bytes);
  return 0;
}
