#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/live_state.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/setting.hpp"
#include "reconciler/verdict.hpp"

namespace hvsec {

/// One setting of one VM that is to get another value.
struct Change {
  SettingId setting{};
  SettingValue before = SettingValue::unset;
  bool desired = false;
  Cause cause = Cause::unknown;
  std::string policy;  ///< The manifest that asks for it.
  Place place;         ///< Where in it.
};

/// Names one attempt at changing one VM; unique in a ledger.
struct ChangeId {
  std::string value;
  friend auto operator<=>(const ChangeId&, const ChangeId&) = default;
};

/// All changes of one VM, sent in one call.
struct ChangeSet {
  ChangeId id;
  std::string run;
  std::string host;
  VmId vm;
  std::string vm_name;
  std::vector<Change> changes;
};

/// Names one job on one host. Opaque: store it, compare it, hand it back; never parse it.
struct JobRef {
  std::string path;
  friend bool operator==(const JobRef&, const JobRef&) = default;
};

enum class JobPhase : std::uint8_t {
  running,
  succeeded,  ///< Ended without an error. Says nothing about the VM: read it back.
  failed,
  vanished,  ///< The host no longer knows the job.
};

/// What a host says of a job.
struct JobReport {
  JobPhase phase = JobPhase::running;
  std::uint32_t state = 0;  ///< CIM's JobState; 0 when the job has vanished.
  std::string state_name;   ///< For people.
  std::uint32_t error_code = 0;
  std::string error_text;  ///< The host's own words, in the host's language.
  /// How long it has run, or took, by the host's clock (ElapsedTime of CIM_Job: Microsoft Learn,
  /// hyperv_v2/cim-job); empty where the host does not tell.
  std::optional<std::chrono::microseconds> elapsed = std::nullopt;
  /// How much of it is done, up to 100 (PercentComplete, ibid.); empty where the host does not
  /// tell.
  std::optional<unsigned> percent = std::nullopt;
};

/// A job's state, and when it was first seen.
struct JobSighting {
  std::uint32_t state = 0;
  std::string state_name;
  WallTime at;
};

/// What a host answered to a submitted change.
enum class Acceptance : std::uint8_t {
  done,         ///< Done at once.
  job_started,  ///< A job is doing it.
  busy,         ///< Not now; the same request may be accepted later.
  refused,      ///< Not so; the same request will be refused again.
};

struct Dispatch {
  Acceptance acceptance = Acceptance::refused;
  std::uint32_t return_code = 0;
  std::string return_name;    ///< "Invalid State", ...
  std::optional<JobRef> job;  ///< There when `acceptance` is `job_started`.
};

}  // namespace hvsec
