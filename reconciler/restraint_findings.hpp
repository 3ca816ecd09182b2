#pragma once

#include <vector>

#include "reconciler/report.hpp"
#include "reconciler/suspension.hpp"

namespace hvsec {

/// What a person should know of what kept changes back in `report`: every suspension that holds or
/// has ended lately, with more words the longer it lasts, and every setting that is contested. Of a
/// narrowed pass only the suspensions that cover something in it.
std::vector<Finding> restraint_findings(const std::vector<Suspension>& suspensions,
                                        const Report& report, Scope scope);

}  // namespace hvsec
