#include "reconciler/live_state.hpp"

namespace hvsec {

std::string_view text(PowerState state) {
  switch (state) {
    case PowerState::unknown:
      return "in an unknown state";
    case PowerState::off:
      return "off";
    case PowerState::running:
      return "running";
    case PowerState::paused:
      return "paused";
    case PowerState::saved:
      return "saved";
    case PowerState::in_transition:
      return "in transition";
  }
  return "";
}

std::optional<PowerState> find_power_state(std::string_view wanted) {
  using enum PowerState;
  for (const PowerState state : {unknown, off, running, paused, saved, in_transition})
    if (text(state) == wanted) return state;
  return std::nullopt;
}

}  // namespace hvsec
