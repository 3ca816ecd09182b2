#pragma once

#include <string_view>

/// The names of Hyper-V's WMI classes and their members, each written once.
/// Sources: Microsoft Learn, "Hyper-V WMI provider (V2)", unless a line says otherwise.
namespace hvsec::hyperv {

inline constexpr std::string_view virtualization_namespace = "root/virtualization/v2";

inline constexpr std::string_view computer_system_class = "Msvm_ComputerSystem";
inline constexpr std::string_view system_settings_class = "Msvm_VirtualSystemSettingData";
inline constexpr std::string_view security_settings_class = "Msvm_SecuritySettingData";
inline constexpr std::string_view security_service_class = "Msvm_SecurityService";
inline constexpr std::string_view job_class = "Msvm_ConcreteJob";
inline constexpr std::string_view affected_job_element_class = "Msvm_AffectedJobElement";

/// What tells a VM that exists from its snapshots, templates and planned VMs, in every language:
/// captions are translated, this is not.
inline constexpr std::string_view realized_system_type = "Microsoft:Hyper-V:System:Realized";

/// What every InstanceID of Hyper-V's setting data begins with. Of a VM's security settings the
/// VM's GUID and a backslash follow (jxy-s/hyprv, GOTCHAS 27 and 34).
inline constexpr std::string_view instance_id_prefix = "Microsoft:";

}  // namespace hvsec::hyperv
