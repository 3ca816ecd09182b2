#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/wall_time.hpp"

namespace hvsec::webhook {

/// What happened. Each is a transition: it is told once when it happens, not in every pass.
enum class EventType : std::uint8_t {
  drift_found,
  drift_corrected,
  change_failed,
  contested,  ///< Somebody keeps undoing a correction.
  host_unreachable,
  host_reachable,    ///< Again.
  host_stalled,      ///< Not tried again before manifests or credentials change.
  revision_applied,  ///< Manifests came into force.
  revision_refused,  ///< The last good ones stay in force.
  suspended,
  resumed,
  suspension_old,   ///< Still suspended, for longer than is healthy.
  rollout_stopped,  ///< Too many changes failed.
};

inline constexpr std::array all_event_types = {
    EventType::drift_found,    EventType::drift_corrected,  EventType::change_failed,
    EventType::contested,      EventType::host_unreachable, EventType::host_reachable,
    EventType::host_stalled,   EventType::revision_applied, EventType::revision_refused,
    EventType::suspended,      EventType::resumed,          EventType::suspension_old,
    EventType::rollout_stopped};

enum class Severity : std::uint8_t { info, warning, error };

/// Texts may be empty: it is not about one.
struct Event {
  EventType type{};
  Severity severity = Severity::info;
  WallTime at = {};
  std::string host = {};
  std::string vm = {};
  std::string setting = {};
  std::string message = {};  ///< A sentence for people, without secrets.
  std::string revision = {};
  std::string digest = {};  ///< Of the manifests.
  std::string run = {};
};

/// "driftFound", as it stands in JSON and in the X-Hvsec-Event field.
std::string_view name(EventType type);
std::string_view name(Severity severity);

/// The event as `schema/event.v1.schema.json` describes it. A message of more than 16 KiB is cut.
/// `delivery`  Names the event: the same in each attempt at telling it.
/// `sent_at`   When this attempt is made.
std::string to_json(const Event& event, const std::string& delivery, WallTime sent_at);

}  // namespace hvsec::webhook
