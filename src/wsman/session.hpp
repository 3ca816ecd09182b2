#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "src/hyperv/cim_session.hpp"
#include "src/wsman/options.hpp"

namespace hvsec::wsman {

/// Makes a session with one host over WS-Management. Nothing is sent yet.
///
/// Errors    `invalid`: the URL, the limits, the certificate file or the fingerprint cannot be
/// used,
///           or the options would send credentials or settings in the clear. The sentence names the
///           option.
/// Threads   The session runs on `executor` alone, which must not run handlers concurrently.
/// Lifetime  The session outlives its calls; everything given is copied.
Result<std::unique_ptr<cim::Session>> make_session(boost::asio::any_io_executor executor,
                                                   SessionOptions options);

}  // namespace hvsec::wsman
