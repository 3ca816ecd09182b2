#include "src/webhook/event.hpp"

#include <nlohmann/json.hpp>

namespace hvsec::webhook {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_message = std::size_t{16} * 1024;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

std::string cut(const std::string& text) {
  if (text.size() <= longest_message) return text;
  std::size_t length = longest_message;
  while (length > 0 && continues_character(text[length])) --length;
  return text.substr(0, length);
}

}  // namespace

std::string_view name(EventType type) {
  switch (type) {
    case EventType::drift_found:
      return "driftFound";
    case EventType::drift_corrected:
      return "driftCorrected";
    case EventType::change_failed:
      return "changeFailed";
    case EventType::contested:
      return "contested";
    case EventType::host_unreachable:
      return "hostUnreachable";
    case EventType::host_reachable:
      return "hostReachable";
    case EventType::host_stalled:
      return "hostStalled";
    case EventType::revision_applied:
      return "revisionApplied";
    case EventType::revision_refused:
      return "revisionRefused";
    case EventType::suspended:
      return "suspended";
    case EventType::resumed:
      return "resumed";
    case EventType::suspension_old:
      return "suspensionOld";
    case EventType::rollout_stopped:
      return "rolloutStopped";
  }
  return "";
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

std::string to_json(const Event& event, const std::string& delivery, WallTime sent_at) {
  const Json json = {{"formatVersion", 1},
                     {"id", delivery},
                     {"sentAt", rfc3339(sent_at)},
                     {"type", name(event.type)},
                     {"severity", name(event.severity)},
                     {"at", rfc3339(event.at)},
                     {"host", text_or_null(event.host)},
                     {"vm", text_or_null(event.vm)},
                     {"setting", text_or_null(event.setting)},
                     {"message", cut(event.message)},
                     {"revision", text_or_null(event.revision)},
                     {"digest", text_or_null(event.digest)},
                     {"run", text_or_null(event.run)}};
  // A host's words need not be UTF-8; a notification is.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hvsec::webhook
