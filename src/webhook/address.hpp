#pragma once

#include <string>

#include "reconciler/result.hpp"
#include "src/webhook/curl_library.hpp"

namespace hvsec::webhook {

/// Where events go. The path and the query of such a URL are often a secret of their own.
struct Address {
  std::string url;
  std::string shown;  ///< What may be told of it: "https://hooks.example.com:443".
  bool encrypted = true;
};

/// Reads an https URL; http is for this machine alone.
/// Errors: `invalid`, without what may be secret in it.
Result<Address> parse_address(const CurlLibrary& curl, const std::string& url);

}  // namespace hvsec::webhook
