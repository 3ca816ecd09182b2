#include "src/simulator/sealed_message.hpp"
#include "tests/fuzz/fuzz.hpp"

/// An encrypted request as the simulator sees it: the Content-Type, then the body.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  std::string_view body = fuzz::text_of(data, size);
  const std::string_view content_type = fuzz::take_line(body);
  const auto message = simulator::read_sealed(content_type, body);
  if (!message) return 0;
  const auto again = simulator::read_sealed(simulator::sealed_content_type(message->protocol),
                                            simulator::write_sealed(*message));
  fuzz::require(again && again->data == message->data && again->signature == message->signature);
  return 0;
}
