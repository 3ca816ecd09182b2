#pragma once

#include <memory>
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
  explicit SecurityService(cim::Session& session);
  ~SecurityService();
  SecurityService(const SecurityService&) = delete;
  SecurityService& operator=(const SecurityService&) = delete;

  /// Calls `method` with one embedded instance. Its keys are asked for before the first call. When
  /// the host does not know the service by them, they are forgotten and the error is `transient`:
  /// nothing was done, and another call asks anew.
  awaitable<Result<cim::MethodResult>> call(std::string method, std::string security_settings);

  /// What the host calls the service; asked for until it was told. Whoever wants to know while it
  /// is being asked gets the same answer. Errors: `terminal` when it shows none, which is how it
  /// hides what an account may not use. Cancel  The question goes with who asked it; one of those
  /// who wait for its answer asks anew.
  awaitable<Result<cim::ObjectPath>> path();

 private:
  struct Question;
  awaitable<Result<cim::ObjectPath>> ask();

  cim::Session& session_;
  std::optional<cim::ObjectPath> path_;
  std::shared_ptr<Question> asking_;  // Empty when nobody asks.
};

}  // namespace hvsec::hyperv
