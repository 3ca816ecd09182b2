#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reconciler/change.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim.hpp"

namespace hvsec::hyperv {

/// The reference to the job that `path` names, in a form that a record can keep:
/// `root/virtualization/v2:Msvm_ConcreteJob.InstanceID="E4C9..."`.
/// Errors: `invalid`: `path` has no usable InstanceID.
Result<JobRef> job_ref(const cim::ObjectPath& path);

/// The object that `job` names. Whatever a record holds, it is a job of Hyper-V's own namespace.
/// Errors: `invalid`: `job` is not what `job_ref` makes.
Result<cim::ObjectPath> job_path(const JobRef& job);

/// What `job` (an Msvm_ConcreteJob) says of itself.
/// Errors: `invalid`: it has no state.
Result<JobReport> job_report(const cim::Instance& job);

/// What people call a JobState.
std::string_view job_state_name(unsigned long long state);

}  // namespace hvsec::hyperv
