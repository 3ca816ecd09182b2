#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hvsec::simulator {

/// The languages that a simulated host can speak. Real hosts answer in their own language whatever
/// the client asks for, so no text of theirs may ever be compared.
enum class Locale : std::uint8_t { en_us, ja_jp, de_de };

enum class Text : std::uint8_t {
  virtual_machine,
  hosting_computer_system,
  planned_virtual_machine,
  operating_normally,
  security_settings,
  modify_security_settings,
  job_running,
  job_completed,
  job_failed,
  failed_to_modify,
  operation_failed,
  needs_key_protector,
  not_off,
  needs_generation_2,
  needs_newer_version,
  vm_is_gone,
  cannot_process_request,
};

/// The tag of the language, for example "en-US".
std::string_view tag(Locale locale);

/// The language of `tag`, or null when the simulator does not speak it.
const Locale* find_locale(std::string_view tag);

/// `text` in that language.
std::string_view say(Locale locale, Text text);

}  // namespace hvsec::simulator
