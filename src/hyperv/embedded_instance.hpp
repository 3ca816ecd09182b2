#pragma once

#include <string>
#include <vector>

#include "reconciler/change.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim.hpp"

namespace hvsec::hyperv {

/// `security_settings` (an Msvm_SecuritySettingData as read) with `changes` made, as Hyper-V's
/// methods take it: CIM-XML of the CIM DTD 2.0, the same that WMI's own GetText writes. Null
/// properties are left out, unless a change gives them a value.
///
/// Errors  `invalid`: the instance has no InstanceID, or the host's build has no such property as
///         a change wants.
Result<std::string> embedded_instance(const cim::Instance& security_settings,
                                      const std::vector<Change>& changes);

}  // namespace hvsec::hyperv
