#pragma once

#include <memory>
#include <string>

#include "src/source/channel.hpp"
#include "src/source/line.hpp"

namespace hvsec::source {

struct HttpsOptions {
  std::string username;
  std::string token;       ///< Empty: none is sent.
  std::string token_file;  ///< Where it was read from, to be named in errors.
  std::string ca_file;     ///< Empty: the system's authorities.
};

/// git's smart protocol over HTTPS: TLS 1.2 or later, each request on a connection of its own. A
/// redirect is not followed, so that the token goes nowhere else. No proxy is used.
/// Lifetime  `line` outlives the channel.
/// Errors: `terminal`: the CA file cannot be read.
Result<std::unique_ptr<Channel>> make_https_channel(Line& line, Address address,
                                                    HttpsOptions options);

}  // namespace hvsec::source
