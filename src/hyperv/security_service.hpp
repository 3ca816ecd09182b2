#pragma once

#include <optional>
#include <string>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim_session.hpp"

namespace hvsec::hyperv {

/// The host's Msvm_SecurityService: the one object whose methods change security settings.
/// Lifetime  `session` outlives it. The service outlives its calls.
class SecurityService {
 public:
  explicit SecurityService(cim::Session& session) : session_(session) {}

  /// Calls `method` with one embedded instance. Its keys are asked for before the first call; calls
  /// that overlap then may ask side by side. When the host does not know the service by them, they
  /// are forgotten and the error is `transient`: nothing was done, and another call asks anew.
  awaitable<Result<cim::MethodResult>> call(std::string method, std::string security_settings);

  /// What the host calls the service; asked for until it was told.
  /// Errors: `terminal` when it shows none, which is how it hides what an account may not use.
  awaitable<Result<cim::ObjectPath>> path();

 private:
  cim::Session& session_;
  std::optional<cim::ObjectPath> path_;
};

}  // namespace hvsec::hyperv
