#include "src/simulator/cim_xml.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "src/hyperv/msvm_error.hpp"
#include "src/hyperv/text.hpp"
#include "tests/fuzz/fuzz.hpp"

/// An embedded instance, as the product reads those of a host and the simulator those of a client.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  const std::string text(fuzz::text_of(data, size));
  const auto messages = hyperv::error_messages(std::vector<std::string>{text, text});
  fuzz::require(messages.size() <= 2);
  constexpr std::size_t ellipsis = 3;
  for (const std::string& message : messages)
    fuzz::require(message.size() <= hyperv::longest_host_text + ellipsis);
  const auto instance = simulator::parse_embedded_instance(text);
  if (instance) fuzz::require(!instance->class_name.empty());
  return 0;
}
