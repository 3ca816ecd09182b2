#include <iostream>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/contract/host_contract.hpp"
#include "tests/contract/session_contract.hpp"
#include "tests/wsman/simulated_host.hpp"

namespace hvsec::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(WsmanOnHvsecSim, SessionContract, wsman::test::SimulatedSessions);
INSTANTIATE_TYPED_TEST_SUITE_P(WsmanOnHvsecSim, HostContract, wsman::test::SimulatedHost);

}  // namespace hvsec::contract

// With --fleet it prints the fleet that the simulator has to serve; else it runs the contracts.
int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--fleet") {
    std::cout << hvsec::wsman::test::contract_fleet_file();
    return 0;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
