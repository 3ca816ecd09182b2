#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "tests/support/borrowed_host.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_host.hpp"

namespace hvsec::test {

/// A fleet of scripted hosts, a manifest that wants a TPM of every VM, and passes over them.
class PassTest : public testing::Test {
 protected:
  PassTest() {
    options_.run = "run";
    manifests_.policies = {policy("baseline", {{SettingId::tpm_enabled, true}})};
  }

  ScriptedHost& add_host(const std::string& host_name) {
    manifests_.hosts.push_back(host_manifest(host_name));
    auto& slot = fleet_[host_name];
    slot = std::make_unique<ScriptedHost>(clock_, steps_, 1000 * fleet_.size());
    return *slot;
  }

  Report apply() {
    const HostFactory factory = [this](const HostManifest& host) -> Result<std::unique_ptr<Host>> {
      const auto found = fleet_.find(host.name);
      if (found->second == nullptr) return fail(ErrorKind::invalid, "the endpoint is no URL");
      return std::make_unique<BorrowedHost>(*found->second);
    };
    return run(
        context_, clock_,
        hvsec::apply(manifests_, factory, ledger_, {clock_, stop_, progress_}, options_, history_));
  }

  Report check() {
    const ReaderFactory factory =
        [this](const HostManifest& host) -> Result<std::unique_ptr<HostReader>> {
      return std::make_unique<BorrowedHost>(*fleet_.at(host.name));
    };
    return run(context_, clock_,
               hvsec::check(manifests_, factory, {clock_, stop_, progress_}, options_, history_));
  }

  static std::map<std::string, std::string> verdicts(const Report& report) {
    std::map<std::string, std::string> found;
    for (const HostResult& host : report.hosts)
      for (const VmResult& vm : host.vms)
        found[host.name + "/" + vm.name] =
            vm.managed ? std::string(name(vm.verdict())) : "unmanaged";
    return found;
  }

  static std::map<std::string, std::string> reasons(const Report& report) {
    std::map<std::string, std::string> found;
    for (const HostResult& host : report.hosts)
      for (const VmResult& vm : host.vms)
        for (const SettingOutcome& outcome : vm.settings)
          found[host.name + "/" + vm.name] = std::string(name(outcome.reason));
    return found;
  }

  boost::asio::io_context context_{1};
  ManualClock clock_{context_};
  ManualStop stop_{context_};
  Progress progress_;
  Steps steps_;
  ScriptedLedger ledger_{steps_};
  std::map<std::string, std::unique_ptr<ScriptedHost>> fleet_;
  Manifests manifests_;
  PassOptions options_;
  LedgerState history_;
};

}  // namespace hvsec::test
