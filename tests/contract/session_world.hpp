#pragma once

#include <array>
#include <cstddef>

/// The hosts on which the contract of the CimSession port is tried.
namespace hvsec::contract {

/// A host of its own namespace, with `many_vms` VMs called vm-0001 and so on, one for each of the
/// awkward names, one Msvm_SecurityService and no job.
inline constexpr const char* world_host = "world";
/// One VM without a key protector, whose settings are changed.
inline constexpr const char* worker_host = "worker";
/// No VM; everything about an Msvm_ConcreteJob is answered a minute late.
inline constexpr const char* mute_host = "mute";

inline constexpr std::size_t many_vms = 1'200;

/// Text that XML, WQL, UTF-8 or a careless reader may stumble over.
inline constexpr std::array awkward_names = {
    "R&D <b>\"bold\"</b> 'vm'",
    "日本語の仮想マシン",
    "Zürich – naïve €5 ☃ 🖥",
    "two  blanks ]]>",
    "C:\\Hyper-V\\new&amp;old",
    "${jndi:ldap} %s %n {}",
    "null",
    "TRUE",
};

}  // namespace hvsec::contract
