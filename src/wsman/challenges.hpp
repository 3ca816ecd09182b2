#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The WWW-Authenticate fields of an answer, read: pure.
namespace hvsec::wsman {

/// The token that comes with `scheme`; "" when the scheme is offered without one, nothing when it
/// is not offered at all.
std::optional<std::string> challenge_token(const std::vector<std::string>& challenges,
                                           std::string_view scheme);

/// The schemes that are offered, for people: "Negotiate, Basic". Printable, and not long.
std::string challenge_schemes(const std::vector<std::string>& challenges);

}  // namespace hvsec::wsman
