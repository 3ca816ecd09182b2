#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/hyperv/cim_session.hpp"

/// WS-Management requests as text: pure, no I/O.
///
/// Errors: `invalid` for a name that is none in CIM and for text that XML 1.0 cannot carry.
namespace hvsec::wsman {

/// What the header of every request says, whatever it asks for.
struct RequestHeader {
  std::string to;          ///< The URL of the service.
  std::string message_id;  ///< The answer has to relate to it.
  std::size_t envelope_bytes = 0;
  std::chrono::milliseconds operation_timeout{};
};

std::string write_identify();

/// Asks for the first `batch_items` in the answer itself (optimized enumeration).
Result<std::string> write_enumerate(const RequestHeader& header, const cim::Query& query,
                                    std::uint32_t batch_items);
Result<std::string> write_pull(const RequestHeader& header, std::string_view name_space,
                               std::string_view context, std::uint32_t batch_items);
Result<std::string> write_release(const RequestHeader& header, std::string_view name_space,
                                  std::string_view context);
Result<std::string> write_get(const RequestHeader& header, const cim::ObjectPath& path);
Result<std::string> write_invoke(const RequestHeader& header, const cim::ObjectPath& path,
                                 std::string_view method, const std::vector<cim::Property>& in);

}  // namespace hvsec::wsman
