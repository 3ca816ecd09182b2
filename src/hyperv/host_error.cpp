#include "src/hyperv/host_error.hpp"

#include <utility>

#include "src/hyperv/cim_session.hpp"
#include "src/hyperv/names.hpp"

namespace hvsec::hyperv {
namespace {

bool is_wmi(const Error& error, std::int64_t code) {
  return error.code.domain == ErrorDomain::wmi && error.code.value == code;
}

constexpr std::string_view not_installed = "Hyper-V is not installed on this host: ";
constexpr std::string_view not_allowed =
    "the account may not manage Hyper-V on this host (it needs to be in Remote Management Users "
    "and Hyper-V Administrators): ";

// WinRM refuses with its own number or a system's, WMI with an HRESULT.
bool is_access_denied(const Error& error) {
  constexpr std::int64_t error_access_denied = 5;
  constexpr std::int64_t e_access_denied = 0x80070005;
  return is_wmi(error, cim::wbem_e_access_denied) ||
         error.code == ErrorCode{ErrorDomain::wsman, error_access_denied} ||
         error.code == ErrorCode{ErrorDomain::wsman, e_access_denied};
}

// What it means that a host does not have the class. Source of the versions: Microsoft Learn.
std::string_view meaning_without(std::string_view class_name) {
  if (class_name == security_settings_class)
    return "the Hyper-V of this host has no security settings (Windows Server 2016 and later "
           "have): ";
  if (class_name == affected_job_element_class)
    return "the Hyper-V of this host does not tell which jobs work on a VM (Windows Server 2012 "
           "and later do): ";
  return not_installed;
}

}  // namespace

bool is_not_found(const Error& error) { return is_wmi(error, cim::wbem_e_not_found); }

bool is_without_hyper_v(const Error& error) {
  return is_not_found(error) || is_wmi(error, cim::wbem_e_invalid_namespace);
}

// Sources: jxy-s/hyprv, TryConnect, for both meanings.
Error explained(Error error) {
  if (is_wmi(error, cim::wbem_e_invalid_namespace)) error.detail.insert(0, not_installed);
  if (is_access_denied(error)) error.detail.insert(0, not_allowed);
  return error;
}

Error explained_class(Error error, std::string_view class_name) {
  if (!is_not_found(error)) return explained(std::move(error));
  error.detail.insert(0, meaning_without(class_name));
  return error;
}

}  // namespace hvsec::hyperv
