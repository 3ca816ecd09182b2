#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"
#include "src/simulator/stream.hpp"

namespace hvsec::simulator {

/// Every byte that went through the connections, below HTTP and above TLS. Before each piece stands
/// a line such as "> 1234 conn 7": so many bytes came in on the seventh connection ("<" for what
/// went out), and behind it a line feed.
class RawLog {
 public:
  /// Errors: `invalid` when the file cannot be written.
  static Result<std::unique_ptr<RawLog>> open(const std::string& file);

  /// The same stream, with all that goes through it written down.
  /// Lifetime  The log outlives the stream.
  std::unique_ptr<Stream> listen(std::unique_ptr<Stream> stream);

  void add(char direction, std::uint64_t connection, std::string_view bytes);

 private:
  std::ofstream file_;
  std::uint64_t connections_ = 0;
};

}  // namespace hvsec::simulator
