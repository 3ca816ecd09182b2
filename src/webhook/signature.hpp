#pragma once

#include <string>

namespace hvsec::webhook {

/// What X-Hvsec-Signature says of a body: "sha256=" and its HMAC-SHA256 in hexadecimal.
std::string signature(const std::string& secret, const std::string& body);

}  // namespace hvsec::webhook
