#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/simulator/clock.hpp"

namespace hvsec::simulator {

/// What a client may get instead of an answer.
enum class Silence : std::uint8_t {
  none,         ///< It gets one.
  closed,       ///< The connection is closed.
  half_closed,  ///< This side says that nothing will come, and goes on reading.
  open,         ///< Nothing happens any more until the client goes.
};

/// How an answer goes out. What is set here is done to the bytes, whatever they say.
struct Delivery {
  Duration delay{0};  ///< Wait this long before answering.
  Silence silence = Silence::none;
  /// So many random bytes instead of the answer.
  std::optional<std::uint64_t> garbage = std::nullopt;
  /// Close after so many bytes of the answer.
  std::optional<std::uint64_t> cut_at = std::nullopt;
  std::int64_t length_error = 0;  ///< How much Content-Length is off.
  bool chunked = false;
  std::uint64_t interim = 0;           ///< So many answers of status 1xx go before.
  std::uint64_t filler = 0;            ///< So many blanks stand in the body...
  std::size_t filler_at = 0;           ///< ...from here on.
  std::uint64_t bytes_per_second = 0;  ///< 0 = as fast as it goes.
  bool close = false;                  ///< Close the connection after the answer.
  // For message encryption, and without effect elsewhere.
  bool unsealed = false;      ///< Answer in the clear, although the request was sealed.
  bool damaged_seal = false;  ///< A bit of what was sealed is wrong.

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

}  // namespace hvsec::simulator
