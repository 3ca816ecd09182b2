#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "reconciler/change.hpp"
#include "reconciler/live_state.hpp"
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

/// The jobs that `affected` (a host's Msvm_AffectedJobElement) relate to `vm`, ended ones among
/// them, each once, in the order of the host. What a job affects may be named by the VM itself or
/// by any of its settings: all of their keys hold the VM's GUID. Jobs of other classes than a
/// change of settings starts are left out. Errors: `invalid`: one names nothing that its job
/// affects, or is about `vm` and names no job.
Result<std::vector<JobRef>> jobs_affecting(std::span<const cim::Instance> affected, const VmId& vm);

/// What people call a JobState.
std::string_view job_state_name(unsigned long long state);

}  // namespace hvsec::hyperv
