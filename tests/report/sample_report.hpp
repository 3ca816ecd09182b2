#pragma once

#include "reconciler/manifests.hpp"
#include "reconciler/report.hpp"

namespace hvsec::test {

/// A report in which every verdict, reason, cause and kind of finding occurs, as do hostile names
/// and error texts. Its outcomes point into `manifests`.
class SampleReport {
 public:
  /// `command`  "check", "plan" or "apply".
  explicit SampleReport(std::string command);
  SampleReport(const SampleReport&) = delete;
  SampleReport& operator=(const SampleReport&) = delete;

  Manifests manifests;
  Report report;

 private:
  void declare();
  SettingOutcome outcome(SettingId setting, Verdict verdict, Reason reason = Reason::none) const;
  void add_planned_host();
  void add_blocked_host();
  void add_changed_host();
  void add_unreachable_hosts();
  void add_findings();
};

}  // namespace hvsec::test
