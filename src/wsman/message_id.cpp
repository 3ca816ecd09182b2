#include "src/wsman/message_id.hpp"

#include <cstdio>

#include "src/wsman/random_number.hpp"

namespace hvsec::wsman {

MessageIds::MessageIds() : session_(random_number()) {}

std::string MessageIds::next() {
  char text[64];
  const int size = std::snprintf(
      text, sizeof text, "uuid:%08X-%04X-4%03X-8000-%012llX", static_cast<unsigned>(session_ >> 32),
      static_cast<unsigned>(session_ >> 16 & 0xFFFF), static_cast<unsigned>(session_ & 0xFFF),
      static_cast<unsigned long long>(++count_ & 0xFFFFFFFFFFFF));
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace hvsec::wsman
