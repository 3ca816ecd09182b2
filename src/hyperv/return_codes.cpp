#include "src/hyperv/return_codes.hpp"

#include <algorithm>
#include <array>

namespace hvsec::hyperv {
namespace {

// Names of 0 to 4096: Microsoft Learn, ModifySecuritySettings. Names from 32768 on: SetKeyProtector
// and GetErrorEx, whose pages name what ModifySecuritySettings calls vendor specific.
//
// 32774 and 32775 are what a host says of a VM in transition (microsoft/wmi pull request 27 asks
// again every 100 ms). A timeout and an unknown status are the host's own doubt: neither may be
// taken for a refusal.
constexpr std::array named = {
    ReturnCode{0, "Completed with No Error", Acceptance::done},
    ReturnCode{1, "Not Supported", Acceptance::refused},
    ReturnCode{2, "Failed", Acceptance::refused},
    ReturnCode{3, "Timeout", std::nullopt},
    ReturnCode{4, "Invalid Parameter", Acceptance::refused},
    ReturnCode{5, "Invalid State", Acceptance::refused},
    ReturnCode{6, "Incompatible Parameters", Acceptance::refused},
    ReturnCode{4096, "Method Parameters Checked - Job Started", Acceptance::job_started},
    ReturnCode{32768, "Failed", Acceptance::refused},
    ReturnCode{32769, "Access Denied", Acceptance::refused},
    ReturnCode{32770, "Not Supported", Acceptance::refused},
    ReturnCode{32771, "Status is unknown", std::nullopt},
    ReturnCode{32772, "Timeout", std::nullopt},
    ReturnCode{32773, "Invalid parameter", Acceptance::refused},
    ReturnCode{32774, "System is in use", Acceptance::busy},
    ReturnCode{32775, "Invalid state for this operation", Acceptance::busy},
    ReturnCode{32776, "Incorrect data type", Acceptance::refused},
    ReturnCode{32777, "System is not available", Acceptance::refused},
    ReturnCode{32778, "Out of memory", Acceptance::refused},
};

// The ranges of Microsoft Learn, ModifySecuritySettings.
std::string_view name_of_range(std::uint32_t number) {
  if (number < 4096) return "DMTF Reserved";
  if (number < 32768) return "Method Reserved";
  if (number < 65536) return "Vendor Specific";
  return "Unknown";
}

}  // namespace

ReturnCode return_code(std::uint32_t number) {
  const auto* found = std::ranges::find(named, number, &ReturnCode::number);
  if (found != named.end()) return *found;
  return {number, name_of_range(number), Acceptance::refused};
}

}  // namespace hvsec::hyperv
