#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include "reconciler/result.hpp"
#include "src/simulator/exchange.hpp"

namespace hvsec::simulator {

/// What has been asked of the simulated hosts, for tests to assert on. Keeps the latest 200,000
/// requests; the counters know of all since they were last cleared.
class RequestLog {
 public:
  /// Also writes each request to `file`, one JSON object to a line.
  /// Errors: `invalid` when the file cannot be written.
  Result<void> open_file(const std::string& file);

  void add(Exchange exchange);
  void clear();

  /// As JSON: `[{...}, ...]`. Empty names stand for any.
  [[nodiscard]] std::string entries_json(const std::string& host,
                                         const std::string& operation) const;
  /// As JSON: `{"HOST": {"enumerate": 3, ..., "bytesIn": ..., "bytesOut": ...}, ...}`.
  [[nodiscard]] std::string counters_json() const;

  /// Hands what is waiting to the operating system.
  void flush() { file_.flush(); }

 private:
  struct Counters {
    std::array<std::uint64_t, operation_count> of_operation{};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
  };

  std::deque<Exchange> entries_;
  std::vector<std::pair<std::string, Counters>> counters_;  ///< Sorted by host.
  std::ofstream file_;
};

}  // namespace hvsec::simulator
