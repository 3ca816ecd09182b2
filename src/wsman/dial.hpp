#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"
#include "src/wsman/stream.hpp"

namespace hvsec::wsman {

/// Connects to the first of the host's addresses that answers. An address that stays silent is
/// given up after a few seconds when there is another one.
///
/// Errors    `transient`: unknown name, refused, unreachable; `invalid`: not this machine, but
///           `loopback_only`; `cancelled`.
/// Cancel    At once, even while the name is being resolved (the resolver's thread is left behind).
awaitable<Result<boost::asio::ip::tcp::socket>> dial(Route route);

/// What the failure `error` of the operation `what` means: `cancelled` or `transient`.
Error network_error(const boost::system::error_code& error, const std::string& what);

/// True when an idle `socket` has been closed by its peer or has something to read.
bool is_stale(boost::asio::ip::tcp::socket& socket);

}  // namespace hvsec::wsman
