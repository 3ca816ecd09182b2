#include <algorithm>

#include "src/wsman/http.hpp"
#include "tests/fuzz/fuzz.hpp"

/// What a host says on a connection. The first byte is how much of it comes at once.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  if (size == 0) return 0;
  const std::size_t at_once = std::size_t{1} + data[0];
  std::string_view rest = fuzz::text_of(data + 1, size - 1);
  const wsman::http::AnswerLimits limits{.header_bytes = 4096, .body_bytes = 16'384};
  wsman::http::AnswerReader reader(limits);
  Result<bool> complete = false;
  while (complete && !*complete && !rest.empty()) {
    const auto space = reader.space();
    fuzz::require(!space.empty());
    const std::size_t count = std::min({at_once, rest.size(), space.size()});
    std::copy_n(rest.data(), count, space.data());
    rest.remove_prefix(count);
    complete = reader.received(count);
  }
  if (!complete) {
    fuzz::require(fuzz::is_printable(complete.error().detail));
    return 0;
  }
  if (!*complete && !reader.closed()) return 0;
  const auto answer = reader.take();
  fuzz::require(answer.status >= 200 && answer.body.size() <= limits.body_bytes);
  return 0;
}
