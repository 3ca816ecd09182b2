#pragma once

#include <functional>

#include "reconciler/async.hpp"
#include "reconciler/host_probe.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim_session.hpp"
#include "src/hyperv/security_service.hpp"

namespace hvsec::hyperv {

/// One look at what a host lets us do. Asks for keys alone and for one VM's settings, so that it
/// costs little however many VMs there are.
/// Lifetime  What is given outlives the probe, which outlives its call.
class Probe {
 public:
  Probe(cim::Session& session, SecurityService& service, const std::function<Instant()>& now,
        HostProbe& found)
      : session_(session), service_(service), now_(now), found_(found) {}

  /// Fills what was given as `found`. Without the first two steps the others would fail alike, and
  /// are not taken; the last two tell of rights that a host grants apart.
  awaitable<void> take_all_steps();

 private:
  awaitable<bool> take(ProbeStep step, awaitable<Result<void>> work);
  awaitable<Result<void>> connect();
  awaitable<Result<void>> list_vms();
  awaitable<Result<void>> read_settings();
  awaitable<Result<void>> look_at_one(cim::ObjectPath settings);
  awaitable<Result<void>> find_service();

  cim::Session& session_;
  SecurityService& service_;
  const std::function<Instant()>& now_;
  HostProbe& found_;
};

}  // namespace hvsec::hyperv
