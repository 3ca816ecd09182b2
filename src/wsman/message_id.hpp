#pragma once

#include <cstdint>
#include <string>

namespace hvsec::wsman {

/// Makes the identifiers by which answers are told apart: unlike any other session's, and never
/// the same twice.
class MessageIds {
 public:
  MessageIds();
  std::string next();

 private:
  std::uint64_t session_;
  std::uint64_t count_ = 0;
};

}  // namespace hvsec::wsman
