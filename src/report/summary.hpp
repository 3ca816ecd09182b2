#pragma once

#include <string>

#include "reconciler/report.hpp"

namespace hvsec::report {

/// One line for the whole pass, without a line break:
/// "12 VMs on 3 hosts: 7 in sync, 3 to change, 1 deferred, 1 blocked; 0 hosts unreachable".
/// Empty categories are left out, unreachable hosts never are.
std::string summary_line(const Report& report);

}  // namespace hvsec::report
