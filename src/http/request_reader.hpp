#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "src/http/message.hpp"

/// A request out of bytes: pure, no I/O.
namespace hvsec::http {

struct RequestLimits {
  std::size_t header_bytes = std::size_t{8} * 1024;
  std::size_t fields = 64;
};

/// More bytes have to come.
struct Incomplete {};

/// What does not get as far as a handler. The connection cannot be used after it.
struct Refusal {
  int status = 400;
  std::string reason;  ///< A sentence of ours: nothing of the request is in it.
};

struct RequestHead {
  Request request;       ///< Of any method.
  std::string host;      ///< Whom it is for, without the port; empty in HTTP/1.0 that does not say.
  std::size_t size = 0;  ///< How many of the bytes it takes up.
  bool keep_alive = false;
};

using Reading = std::variant<Incomplete, Refusal, RequestHead>;

/// Reads the request at the beginning of `received`. None has a body: one that announces it is
/// refused, since nobody here would read it.
Reading read_request(std::string_view received, const RequestLimits& limits);

}  // namespace hvsec::http
