#pragma once

#include <string>
#include <vector>

#include "reconciler/live_state.hpp"

/// The VMs on which the contract of the Host port is tried. Every setting is false but those named.
namespace hvsec::contract {

struct ContractVm {
  std::string guid;
  std::string name;
  int generation = 2;
  schema::ConfigurationVersion version{9, 0};
  PowerState power = PowerState::off;
  bool key_protector = true;
  bool tpm = false;
};

inline constexpr const char* ready_vm = "C0000000-0000-4000-8000-000000000001";
inline constexpr const char* running_vm = "C0000000-0000-4000-8000-000000000002";

inline const std::vector<ContractVm>& contract_fleet() {
  static const std::vector<ContractVm> fleet = {
      {.guid = ready_vm, .name = "ready"},
      {.guid = running_vm, .name = "running", .power = PowerState::running, .tpm = true},
      {.guid = "C0000000-0000-4000-8000-000000000003", .name = "saved", .power = PowerState::saved},
      {.guid = "C0000000-0000-4000-8000-000000000004",
       .name = "first generation",
       .generation = 1,
       .version = {5, 0},
       .key_protector = false},
      {.guid = "C0000000-0000-4000-8000-000000000005",
       .name = "no protector & <odd> name",
       .version = {10, 5},
       .key_protector = false},
      {.guid = "C0000000-0000-4000-8000-000000000006", .name = "twin"},
      {.guid = "C0000000-0000-4000-8000-000000000007", .name = "twin"},
  };
  return fleet;
}

}  // namespace hvsec::contract
