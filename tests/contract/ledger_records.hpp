#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"

/// Records to fill ledgers with.
namespace hvsec::contract {

inline constexpr const char* vm_a = "0A0A0A0A-0000-0000-0000-00000000000A";
inline constexpr const char* vm_b = "0B0B0B0B-0000-0000-0000-00000000000B";

/// 2027-01-31T10:20:30.456Z.
inline WallTime some_time() { return WallTime(std::chrono::milliseconds(1'801'390'830'456)); }

inline Change tpm_on() {
  Change change;
  change.setting = SettingId::tpm_enabled;
  change.before = SettingValue::off;
  change.desired = true;
  change.policy = "baseline";
  change.place = {std::make_shared<const std::string>("baseline/dc.yaml"), 14, 5};
  return change;
}

inline Intent intent(const std::string& change, const char* vm = vm_a) {
  Intent intent;
  intent.set.id = {change};
  intent.set.run = "run-1";
  intent.set.host = "hv-ams-01";
  intent.set.vm = {vm};
  intent.set.vm_name = "dc-01";
  intent.set.changes = {tpm_on()};
  intent.manifest_digest = "5f7c";
  intent.at = some_time();
  return intent;
}

inline Dispatched dispatched(const std::string& change) {
  Dispatched dispatched;
  dispatched.change = {change};
  dispatched.return_code = 4096;
  dispatched.return_name = "Method Parameters Checked - Job Started";
  dispatched.job = JobRef{R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="E4C9")"};
  dispatched.at = some_time();
  return dispatched;
}

inline Settled settled(const std::string& change, SettingId setting = SettingId::tpm_enabled,
                       Verdict verdict = Verdict::corrected,
                       SettingValue after = SettingValue::on) {
  Settled settled;
  settled.change = {change};
  settled.settings = {{setting, verdict, after}};
  settled.job_states = {{4, "Running", some_time()}, {7, "Completed", some_time()}};
  settled.took = std::chrono::milliseconds(1234);
  settled.at = some_time();
  return settled;
}

/// One that leaves the change open.
inline Settled unclear(const std::string& change) {
  return settled(change, SettingId::tpm_enabled, Verdict::indeterminate, SettingValue::unset);
}

/// One in which nothing is left empty.
inline Intent detailed_intent(const std::string& change) {
  Intent detailed = intent(change);
  detailed.actor = "ci@runner-7";
  detailed.revisions = {{"/srv/manifests", std::string(40, 'a'), true, "https://git.example/m.git"},
                        {"/srv/more", "", false, ""}};
  Change second = tpm_on();
  second.setting = SettingId::encrypt_state_and_vm_migration_traffic;
  second.before = SettingValue::unset;
  second.desired = false;
  second.cause = Cause::corrective;
  second.place = {};
  detailed.set.changes.push_back(second);
  detailed.set.vm_name = "dc \"01\" – 仮想";
  return detailed;
}

inline Suspended suspended(const std::string& suspension, const char* host = "hv-ams-*",
                           const char* vm = "*") {
  Suspended made;
  made.suspension.id = suspension;
  made.suspension.scope = {{host}, {vm}};
  made.suspension.reason = "new firmware";
  made.suspension.actor = "ann@ops-1";
  made.suspension.at = some_time();
  return made;
}

inline Resumed resumed(const std::string& suspension) {
  return {suspension, "ben@ops-2", some_time()};
}

/// The whole life of one change that had this cause and ended then.
inline std::vector<LedgerRecord> correction(const std::string& change, Cause cause, WallTime at,
                                            const char* vm = vm_a) {
  Intent begun = intent(change, vm);
  begun.set.changes.front().cause = cause;
  begun.at = at;
  Settled end = settled(change);
  end.at = at;
  return {begun, end};
}

/// The whole life of one change.
inline std::vector<LedgerRecord> life(const std::string& change, const char* vm = vm_a,
                                      SettingId setting = SettingId::tpm_enabled,
                                      Verdict verdict = Verdict::corrected,
                                      SettingValue after = SettingValue::on) {
  return {intent(change, vm), dispatched(change), settled(change, setting, verdict, after)};
}

}  // namespace hvsec::contract
