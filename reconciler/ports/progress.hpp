#pragma once

#include <cstddef>
#include <string>

#include "reconciler/change.hpp"
#include "reconciler/error.hpp"
#include "reconciler/verdict.hpp"

namespace hvsec {

/// Port: told what a pass is doing, for logs and for whoever watches. Decides nothing. Calls come
/// in the order of events, on the pass's executor; they do not block and do not throw.
class Progress {
 public:
  virtual ~Progress() = default;

  virtual void pass_began(std::size_t /*hosts*/) {}
  virtual void host_observed(const std::string& /*host*/, std::size_t /*vms*/) {}
  virtual void host_unreachable(const std::string& /*host*/, const Error& /*error*/) {}
  /// A change that an earlier run left open is looked into.
  virtual void recovery_began(const ChangeSet& /*set*/) {}
  virtual void change_began(const ChangeSet& /*set*/) {}
  virtual void change_dispatched(const ChangeSet& /*set*/, const Dispatch& /*dispatch*/) {}
  virtual void job_changed(const ChangeSet& /*set*/, const JobReport& /*job*/) {}
  virtual void change_settled(const ChangeSet& /*set*/, Verdict /*verdict*/) {}
  virtual void host_done(const std::string& /*host*/) {}
};

}  // namespace hvsec
