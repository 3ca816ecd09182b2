#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "reconciler/apply.hpp"
#include "reconciler/budget.hpp"
#include "reconciler/job_pace.hpp"
#include "reconciler/plan.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_host.hpp"

namespace hvsec::test {

/// One world for one apply: a host, a ledger, a clock, and a manifest that wants a TPM.
struct World {
  World() : manifest(policy("baseline", {{SettingId::tpm_enabled, true}})) {
    host.add("dc-01");
    seen = host.vm("dc-01").live;
  }

  ScriptedVm& vm() { return host.vm("dc-01"); }
  Behaviour& behaviour() { return vm().behaviour; }
  [[nodiscard]] SettingValue tpm() { return vm().live.settings[SettingId::tpm_enabled]; }

  /// Applies the manifest to the VM as `seen`.
  ApplyResult apply() { return apply(progress); }
  ApplyResult apply(Progress& watcher) {
    ApplyTask task{.id = {"run.1"},
                   .facts = {.run = "run",
                             .actor = "tester@bench",
                             .manifest_digest = "digest",
                             .revisions = {}},
                   .host = "hv",
                   .live = seen,
                   .desired = *desired_state({&manifest}, {}, seen),
                   .key_protector = true,
                   .settled = {},
                   .restraints = {}};
    const ApplyPorts ports{host, ledger, clock, stop, watcher, pace};
    return run(context, clock, hvsec::apply(std::move(task), ports, limits, budget));
  }

  boost::asio::io_context context{1};
  ManualClock clock{context};
  ManualStop stop{context};
  Progress progress;
  Steps steps;
  ScriptedHost host{clock, steps};
  ScriptedLedger ledger{steps};
  Budget budget;
  JobPace* pace = nullptr;
  ApplyPolicy limits;
  VmSecurityManifest manifest;
  LiveState seen;
};

}  // namespace hvsec::test
