#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "reconciler/async.hpp"
#include "reconciler/ports/host.hpp"

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

/// What a probe of `host` finds, as a value.
inline awaitable<HostProbe> probed(HostReader& host) {
  HostProbe found;
  co_await host.probe(found);
  co_return found;
}

}  // namespace hvsec::contract
