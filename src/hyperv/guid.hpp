#pragma once

#include <optional>
#include <string_view>

#include "reconciler/live_state.hpp"

namespace hvsec::hyperv {

/// The VM that the GUID `text` names, in any case and with or without braces; empty when `text` is
/// no GUID.
std::optional<VmId> parse_vm_id(std::string_view text);

/// The VM that security settings with this InstanceID ("Microsoft:<GUID>\...") belong to; empty
/// when they belong to none.
std::optional<VmId> vm_of_instance_id(std::string_view instance_id);

}  // namespace hvsec::hyperv
