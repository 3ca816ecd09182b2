#include <string>

#include "src/wsman/fault.hpp"
#include "tests/fuzz/fuzz.hpp"

/// A fault, and what it means for each effect.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  using wsman::Effect;
  const auto envelope =
      wsman::open_envelope(std::string(fuzz::text_of(data, size)), wsman::xml::Limits());
  if (!envelope) return 0;
  const auto fault = wsman::read_fault(*envelope);
  if (!fault) return 0;
  for (const Effect effect : {Effect::read, Effect::step, Effect::change}) {
    const Error error = wsman::to_error(*fault, effect);
    fuzz::require(!error.detail.empty() && fuzz::is_printable(error.detail));
    // A read changes nothing, so nothing about it is ever unclear.
    fuzz::require(effect != Effect::read || error.kind != ErrorKind::indeterminate);
  }
  return 0;
}
