#include "reconciler/host_probe.hpp"

namespace hvsec {

std::string_view name(ProbeStep step) {
  switch (step) {
    case ProbeStep::prepare:
      return "prepare";
    case ProbeStep::connect:
      return "connect";
    case ProbeStep::vms:
      return "vms";
    case ProbeStep::settings:
      return "settings";
    case ProbeStep::service:
      return "service";
  }
  return "";
}

}  // namespace hvsec
