#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/simulator/clock.hpp"
#include "src/simulator/faults.hpp"
#include "src/simulator/logon.hpp"

namespace hvsec::simulator {

/// What tells whether a change that came in was of any use.
struct Necessity {
  bool job_running = false;  ///< A job of that VM had not ended.
  std::size_t changes = 0;   ///< Properties that differed from what the VM had.
};

/// What one request asked for and got: an entry of the request log.
struct Exchange {
  UtcTime at;
  std::string host;
  Caller caller;
  Operation operation = Operation::unknown;
  std::string class_name;
  std::string query;   ///< The WQL text of an enumeration.
  std::string method;  ///< Of an invoke.
  std::string vm;      ///< The VM that a method was called for.
  std::vector<std::pair<std::string, std::string>> values;  ///< Properties that it was handed.
  std::optional<Necessity> necessity;                       ///< Of a change of a VM's settings.
  unsigned status = 0;           ///< HTTP status; 0 = the connection was dropped.
  std::uint32_t fault_code = 0;  ///< Of the WSManFault; 0 = none.
  std::uint32_t return_value = 0;
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;
};

}  // namespace hvsec::simulator
