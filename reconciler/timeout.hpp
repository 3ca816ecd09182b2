#pragma once

#include <string>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/async.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/result.hpp"

namespace hvsec {

/// Runs `operation` for at most `limit`, then cancels it.
/// `late`     What silence means: `transient` for a reading operation, `indeterminate` for one that
///            may have changed something.
/// `what`     Names the operation in the error: "<what>: no answer within 60 s".
/// Cancel     Waits for the operation to honour it: a deadline is only as good as that.
template <class T>
awaitable<Result<T>> with_timeout(awaitable<Result<T>> operation, Clock& clock, Duration limit,
                                  ErrorKind late, std::string what) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto first = co_await (std::move(operation) || clock.sleep_for(limit));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  if (!std::get<1>(first)) co_return fail(ErrorKind::cancelled, what + ": cancelled");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
  co_return fail(late, what + ": no answer within " + std::to_string(seconds) + " s");
}

}  // namespace hvsec
