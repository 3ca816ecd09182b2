#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "reconciler/change.hpp"

namespace hvsec::hyperv {

/// What a return code of Hyper-V's methods means. The one table of them.
struct ReturnCode {
  std::uint32_t number = 0;
  std::string_view name;  ///< As Microsoft's documentation has it.
  /// Empty: the host itself does not say whether it did what was asked.
  std::optional<Acceptance> acceptance;
};

/// The meaning of `number`; every number has one.
ReturnCode return_code(std::uint32_t number);

}  // namespace hvsec::hyperv
