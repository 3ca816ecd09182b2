#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "reconciler/live_state.hpp"

namespace hvsec::hyperv {

/// A GUID as a number: small, and quick to compare.
struct Guid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Guid&, const Guid&) = default;
};

/// The GUID that `text` is, in any case and with or without braces; empty when it is none.
std::optional<Guid> parse_guid(std::string_view text);

/// The VM whose GUID this is.
VmId vm_id(const Guid& guid);

/// The GUID of the VM that security settings with this InstanceID belong to; see
/// `vm_of_instance_id`.
std::optional<Guid> guid_of_instance_id(std::string_view instance_id);

/// The VM that the GUID `text` names, in any case and with or without braces; empty when `text` is
/// no GUID.
std::optional<VmId> parse_vm_id(std::string_view text);

/// The VM that security settings with this InstanceID ("Microsoft:<GUID>\...") belong to; empty
/// when they belong to none.
std::optional<VmId> vm_of_instance_id(std::string_view instance_id);

}  // namespace hvsec::hyperv
