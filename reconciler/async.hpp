#pragma once

#include <boost/asio/awaitable.hpp>

namespace hvsec {

/// What every port's operation returns: a coroutine that runs on the caller's executor.
///
/// Rule of this code base: no brace and no capturing lambda inside a `co_await` expression, since
/// GCC 12 destroys such a temporary twice. Name it first. `tests/architecture` holds the rule.
using boost::asio::awaitable;

}  // namespace hvsec
