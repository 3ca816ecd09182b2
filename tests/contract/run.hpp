#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "reconciler/async.hpp"

namespace hvsec::contract {

/// Runs `operation` to its end on a loop of its own. Throws when it never ends.
template <class T>
T run(awaitable<T> operation) {
  boost::asio::io_context context(1);
  std::optional<T> result;
  boost::asio::co_spawn(context, std::move(operation), [&](std::exception_ptr error, T value) {
    if (error) std::rethrow_exception(error);
    result.emplace(std::move(value));
  });
  context.run();
  if (!result) throw std::logic_error("the operation waits for something that never comes");
  return *std::move(result);
}

}  // namespace hvsec::contract
