#include "src/wsman/auth/encrypted_message.hpp"

#include "tests/fuzz/fuzz.hpp"

/// The Content-Type in the first line, the multipart body in the rest.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  std::string_view body = fuzz::text_of(data, size);
  const std::string_view content_type = fuzz::take_line(body);
  const auto message = wsman::read_encrypted(content_type, body);
  if (!message) {
    fuzz::require(fuzz::is_printable(message.error().detail));
    return 0;
  }
  fuzz::require(message->signature.size() + message->data.size() < body.size());
  const auto written = wsman::write_encrypted(*message, wsman::spnego_protocol);
  const auto again =
      wsman::read_encrypted(wsman::encrypted_content_type(wsman::spnego_protocol), written);
  fuzz::require(again && again->data == message->data && again->signature == message->signature &&
                again->length == message->length);
  return 0;
}
