#include <algorithm>

#include "src/http/request_reader.hpp"
#include "src/http/responses.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace hvsec;

http::Reading read_in_pieces(std::string_view bytes, std::size_t at_once,
                             const http::RequestLimits& limits) {
  for (std::size_t size = at_once; size < bytes.size(); size += at_once) {
    http::Reading reading = http::read_request(bytes.substr(0, size), limits);
    if (!std::holds_alternative<http::Incomplete>(reading)) return reading;
  }
  return http::read_request(bytes, limits);
}

// What is answered is one header, whatever was asked.
void require_one_header(const http::Response& response) {
  const std::string header = http::serialize(response, false, false);
  fuzz::require(header.starts_with("HTTP/1.1 ") && header.find("\r\n\r\n") == header.size() - 4);
}

}  // namespace

/// What a client says to the daemon's server. The first byte is how much of it comes at once.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const http::RequestLimits limits{.header_bytes = 1024, .fields = 8};
  const http::Reading reading = http::read_request(bytes, limits);
  const http::Reading pieces = read_in_pieces(bytes, std::size_t{1} + data[0], limits);
  fuzz::require(reading.index() == pieces.index());
  if (const auto* refusal = std::get_if<http::Refusal>(&reading)) {
    fuzz::require(refusal->status >= 400 && refusal->status < 500);
    require_one_header(http::respond(*refusal));
  } else if (const auto* head = std::get_if<http::RequestHead>(&reading)) {
    fuzz::require(head->size <= std::min(bytes.size(), limits.header_bytes));
    fuzz::require(head->size == std::get<http::RequestHead>(pieces).size);
    require_one_header(http::respond(*head, true, [](const http::Request& request) {
      fuzz::require(request.method == "GET" || request.method == "HEAD");
      fuzz::require(request.path.starts_with('/') && request.path.find('?') == std::string::npos);
      return http::Response{.status = 200, .content_type = "text/plain", .body = request.path};
    }));
  }
  return 0;
}
