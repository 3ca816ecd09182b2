#include <string>

#include "src/wsman/answer.hpp"
#include "tests/fuzz/fuzz.hpp"

/// An answer, read as that to every operation.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  const auto envelope =
      wsman::open_envelope(std::string(fuzz::text_of(data, size)), wsman::xml::Limits());
  if (!envelope) {
    fuzz::require(fuzz::is_printable(envelope.error().detail));
    return 0;
  }
  const auto explained = [](const auto& result) {
    fuzz::require(result || fuzz::is_printable(result.error().detail));
  };
  explained(wsman::check_relation(*envelope, "uuid:1"));
  explained(wsman::read_identify(*envelope));
  explained(wsman::read_batch(*envelope, "Msvm_SecuritySettingData"));
  explained(wsman::read_get(*envelope));
  explained(wsman::read_invoke(*envelope, "ModifySecuritySettings"));
  return 0;
}
