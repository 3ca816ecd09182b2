#include "tests/report/sample_report.hpp"

#include <memory>
#include <utility>

namespace hvsec::test {
namespace {

using std::chrono::milliseconds;

Place place(std::uint32_t line) {
  return {std::make_shared<const std::string>("baseline/dc.yaml"), line, 5};
}

VmResult vm(std::string name, std::string id, std::vector<SettingOutcome> settings,
            PowerState power = PowerState::off) {
  VmResult made;
  made.id.guid = std::move(id);
  made.name = std::move(name);
  made.power = power;
  made.managed = !settings.empty();
  made.settings = std::move(settings);
  return made;
}

ChangeOutcome change(std::string id) {
  ChangeOutcome made;
  made.id.value = std::move(id);
  made.dispatch =
      Dispatch{.acceptance = Acceptance::job_started,
               .return_code = 4096,
               .return_name = "Job Started",
               .job = JobRef{"root/virtualization/v2:Msvm_ConcreteJob.InstanceID=\"7\""}};
  const WallTime at{std::chrono::seconds(1'795'376'860)};
  made.job_states = {{4, "Running", at}, {7, "Completed", at + milliseconds(1250)}};
  made.took = milliseconds(1375);
  return made;
}

RecoveredChange recovered(Verdict verdict, SettingValue after, std::string detail) {
  RecoveredChange made;
  made.set.id.value = "20261121T080000Z-000000000001.4";
  made.set.run = "20261121T080000Z-000000000001";
  Change asked;
  asked.setting = SettingId::tpm_enabled;
  asked.before = SettingValue::off;
  asked.desired = true;
  made.set.changes = {asked};
  made.settings = {{.setting = asked.setting, .verdict = verdict, .after = after}};
  made.change = change(made.set.id.value);
  made.detail = std::move(detail);
  return made;
}

}  // namespace

SampleReport::SampleReport(std::string command) {
  declare();
  report.command = std::move(command);
  report.run = "20261122T194739Z-5f0c1a2b9d3e";
  report.manifest_digest = std::string(64, 'a');
  report.revisions = {
      {.folder = "/srv/fleet",
       .commit = "5f0c1a2b9d3e4f5061728394a5b6c7d8e9f00112",
       .dirty = true,
       .remote = "https://git.example.com/fleet"},
      {.folder = "/srv/new\x1b[2J", .commit = "", .dirty = true, .remote = ""},
  };
  report.started = WallTime(std::chrono::seconds(1'795'376'859)) + milliseconds(120);
  report.finished = report.started + milliseconds(2345);
  add_planned_host();
  add_blocked_host();
  if (report.command == "apply") add_changed_host();
  add_unreachable_hosts();
  add_findings();
}

void SampleReport::declare() {
  VmSecurityManifest policy;
  policy.name = "domain-controllers";
  policy.priority = 10;
  policy.place = place(2);
  VmSecurityManifest rival = policy;
  rival.name = "lab";
  std::uint32_t line = 14;
  for (const SettingSpec& row : schema::setting_table()) {
    policy.settings[row.id] = {row.tightening, place(line)};
    rival.settings[row.id] = {!row.tightening, place(line + 40)};
    ++line;
  }
  manifests.policies = {policy, rival};
  Waiver accepted;
  accepted.name = "legacy-dc";
  accepted.reason = "waits for the guest's \x1b[31mmigration; ticket SEC-4711";
  accepted.approved_by = "security@example.com";
  accepted.until = WallTime(std::chrono::sys_days(std::chrono::year(2027) / 1 / 31));
  accepted.place = place(70);
  Waiver held = accepted;
  held.name = "frozen";
  held.effect = WaiverEffect::hold;
  held.reason = "no change before the audit";
  held.approved_by.clear();
  held.until += std::chrono::seconds(3661);
  held.place = place(80);
  manifests.waivers = {accepted, held};
}

SettingOutcome SampleReport::outcome(SettingId setting, Verdict verdict, Reason reason) const {
  const VmSecurityManifest& policy = manifests.policies[0];
  const VmSecurityManifest& rival = manifests.policies[1];
  SettingOutcome made;
  made.setting = setting;
  made.desired = {.declared = &*policy.settings[setting], .policy = &policy};
  if (reason == Reason::conflict) {
    made.desired.contradicted_by = &*rival.settings[setting];
    made.desired.contradicted_in = &rival;
  }
  const bool wanted = made.desired.declared->value;
  made.before = to_value(verdict == Verdict::in_sync ? wanted : !wanted);
  if (verdict == Verdict::waived) made.desired.waiver = manifests.waivers.data();
  if (reason == Reason::on_hold) made.desired.waiver = &manifests.waivers[1];
  if (verdict == Verdict::unsupported) made.before = SettingValue::unsupported;
  if (verdict == Verdict::unknown) made.before = SettingValue::unset;
  if (verdict == Verdict::corrected) made.after = to_value(wanted);
  if (verdict == Verdict::not_applied || verdict == Verdict::failed) made.after = to_value(!wanted);
  made.verdict = verdict;
  made.reason = reason;
  return made;
}

void SampleReport::add_planned_host() {
  using enum SettingId;
  SettingOutcome drifted = outcome(tpm_enabled, Verdict::drifted);
  drifted.cause = Cause::corrective;
  SettingOutcome asked = outcome(ksd_enabled, Verdict::drifted);
  asked.cause = Cause::intentional;
  const SettingOutcome audited = outcome(tpm_enabled, Verdict::drifted, Reason::audit_only);
  const SettingOutcome running = outcome(tpm_enabled, Verdict::deferred, Reason::vm_not_off);
  const SettingOutcome capped = outcome(tpm_enabled, Verdict::deferred, Reason::budget);
  const SettingOutcome stopped = outcome(tpm_enabled, Verdict::deferred, Reason::interrupted);
  const SettingOutcome moving = outcome(tpm_enabled, Verdict::deferred, Reason::migrating);
  const SettingOutcome fine = outcome(encrypt_state_and_vm_migration_traffic, Verdict::in_sync);
  report.hosts.push_back(
      {.name = "hv-ams-01",
       .endpoint = "https://hv-ams-01.example.com:5986/wsman",
       .error = {},
       .vms = {
           vm("audited", "00000000-0000-0000-0000-000000000001", {audited}),
           vm("dc-1", "00000000-0000-0000-0000-000000000002", {drifted, asked, fine}),
           vm("dc-2", "00000000-0000-0000-0000-000000000003", {running, fine}, PowerState::running),
           vm("dc-3", "00000000-0000-0000-0000-000000000004", {capped}),
           vm("dc-4", "00000000-0000-0000-0000-000000000005", {stopped}),
           vm("dc-5", "00000000-0000-0000-0000-000000000006", {moving}),
           vm("fine", "00000000-0000-0000-0000-000000000007", {fine}),
           vm("web", "1A2B3C4D-0000-0000-0000-000000000008", {}),
           vm("web", "5E6F7A8B-0000-0000-0000-000000000009", {})}});
}

void SampleReport::add_blocked_host() {
  using enum SettingId;
  SettingOutcome told = outcome(tpm_enabled, Verdict::unknown);
  told.detail = "the host's answer held no value";
  SettingOutcome held = outcome(ksd_enabled, Verdict::deferred, Reason::on_hold);
  held.cause = Cause::intentional;
  SettingOutcome held_and_blocked =
      outcome(encrypt_state_and_vm_migration_traffic, Verdict::blocked, Reason::no_key_protector);
  held_and_blocked.desired.waiver = held.desired.waiver;
  report.hosts.push_back(
      {.name = "hv-ams-02",
       .endpoint = "https://hv-ams-02.example.com:5986/wsman",
       .error = {},
       .vms = {
           vm("b\x1b[2Jad\nname", "00000000-0000-0000-0000-000000000011",
              {outcome(tpm_enabled, Verdict::blocked, Reason::generation),
               outcome(ksd_enabled, Verdict::blocked, Reason::configuration_version),
               outcome(shielding_requested, Verdict::blocked, Reason::companion_setting),
               outcome(data_protection_requested, Verdict::blocked, Reason::loosening_not_allowed),
               outcome(encrypt_state_and_vm_migration_traffic, Verdict::blocked,
                       Reason::no_key_protector),
               outcome(virtualization_based_security_opt_out, Verdict::blocked,
                       Reason::not_acknowledged),
               outcome(bind_to_host_tpm, Verdict::blocked, Reason::conflict),
               outcome(app_container_launch_opt_out, Verdict::unsupported)}),
           vm("lost", "00000000-0000-0000-0000-000000000012", {told}, PowerState::unknown),
           vm("old", "00000000-0000-0000-0000-000000000013",
              {outcome(tpm_enabled, Verdict::waived), held, held_and_blocked,
               outcome(app_container_launch_opt_out, Verdict::unsupported)}),
           vm("waiting", "00000000-0000-0000-0000-000000000014",
              {outcome(tpm_enabled, Verdict::deferred, Reason::outside_window),
               outcome(ksd_enabled, Verdict::deferred, Reason::suspended),
               outcome(shielding_requested, Verdict::deferred, Reason::canary),
               outcome(data_protection_requested, Verdict::deferred, Reason::halted),
               outcome(encrypt_state_and_vm_migration_traffic, Verdict::blocked, Reason::contested),
               outcome(virtualization_based_security_opt_out, Verdict::drifted,
                       Reason::not_planned),
               outcome(bind_to_host_tpm, Verdict::blocked, Reason::stale_plan)})}});
}

void SampleReport::add_changed_host() {
  using enum SettingId;
  VmResult good = vm("app-1", "00000000-0000-0000-0000-000000000021",
                     {outcome(tpm_enabled, Verdict::corrected)});
  good.change = change("20261122T194739Z-5f0c1a2b9d3e.1");

  VmResult failed =
      vm("app-2", "00000000-0000-0000-0000-000000000022", {outcome(tpm_enabled, Verdict::failed)});
  failed.change = change("20261122T194739Z-5f0c1a2b9d3e.2");
  failed.change->job_states.back() = {10, "Exception", failed.change->job_states.back().at};
  failed.change->job_error_code = 32773;
  failed.change->error_texts = {"\"app-2\" konnte nicht ge\xC3\xA4ndert werden.",
                                "Zugriff \x07verweigert.\r\n"};

  VmResult ignored = vm("app-3", "00000000-0000-0000-0000-000000000023",
                        {outcome(tpm_enabled, Verdict::not_applied)});
  ignored.change = change("20261122T194739Z-5f0c1a2b9d3e.3");

  VmResult lost = vm("app-4", "00000000-0000-0000-0000-000000000024",
                     {outcome(tpm_enabled, Verdict::indeterminate)});
  lost.change = change("20261122T194739Z-5f0c1a2b9d3e.4");
  lost.change->dispatch.reset();
  lost.change->job_states.clear();
  lost.change->error =
      Error{ErrorKind::indeterminate, {}, "ModifySecuritySettings: no answer within 60 s"};
  lost.change->ledger_error = Error{ErrorKind::terminal,
                                    {ErrorDomain::sqlite, 13},
                                    "the disk of /var/lib/hvsec/ledger.db is full"};

  VmResult left =
      vm("app-5", "00000000-0000-0000-0000-000000000025", {outcome(tpm_enabled, Verdict::in_sync)});
  left.recovered = {recovered(Verdict::corrected, SettingValue::on, "")};

  VmResult unclear = vm("app-6", "00000000-0000-0000-0000-000000000026",
                        {outcome(tpm_enabled, Verdict::indeterminate)});
  unclear.recovered = {recovered(Verdict::indeterminate, SettingValue::unset,
                                 "the end of the host's job is not known")};
  unclear.recovered[0].change.dispatch.reset();
  unclear.recovered[0].change.found_job = JobRef{"job 7"};

  report.hosts.push_back({.name = "hv-ams-03",
                          .endpoint = "https://hv-ams-03.example.com:5986/wsman",
                          .error = {},
                          .vms = {good, failed, ignored, lost, left, unclear}});
}

void SampleReport::add_unreachable_hosts() {
  const Error refused{ErrorKind::terminal,
                      {ErrorDomain::http, 401},
                      "hv-ams-04 refused the user name or the password"};
  report.hosts.push_back({.name = "hv-ams-04",
                          .endpoint = "https://hv-ams-04.example.com:5986/wsman",
                          .error = refused,
                          .vms = {}});
  report.hosts.push_back({.name = "hv-ams-05",
                          .endpoint = "https://hv-ams-05.example.com:5986/wsman",
                          .error = {},
                          .vms = {}});
}

void SampleReport::add_findings() {
  report.findings = {
      {.kind = FindingKind::selects_nothing,
       .text = "\"ghost-*\" of domain-controllers selects no VM",
       .host = "",
       .place = place(9)},
      {.kind = FindingKind::duplicate_name,
       .text = "2 virtual machines are named \"web\"",
       .host = "hv-ams-01",
       .place = {}},
      {.kind = FindingKind::seen_twice,
       .text = "dc-5 was seen on hv-ams-01 and hv-ams-02",
       .host = "",
       .place = {}},
      {.kind = FindingKind::expired_waiver,
       .text = "Waiver old-sql ended at 2026-10-31 00:00 UTC: it waives nothing any more",
       .host = "",
       .place = place(90)},
      {.kind = FindingKind::waiver_expires,
       .text = "Waiver frozen ends at 2026-11-30 00:00 UTC: what it covers counts from then on",
       .host = "",
       .place = place(80)},
      {.kind = FindingKind::unused_waiver,
       .text = "Waiver spare: nothing that it covers differs: it can be removed",
       .host = "",
       .place = place(95)},
      {.kind = FindingKind::suspension,
       .text = "changes of hv-ams-02/* are suspended since 2026-11-01 08:00 UTC: storage is moved",
       .host = "hv-ams-02",
       .place = {}},
      {.kind = FindingKind::contested,
       .text = "waiting: encryptStateAndVmMigrationTraffic was corrected 3 times within 24 hours",
       .host = "hv-ams-02",
       .place = {}},
  };
}

}  // namespace hvsec::test
