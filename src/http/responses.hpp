#pragma once

#include <string>

#include "src/http/message.hpp"
#include "src/http/request_reader.hpp"

/// What is answered, and how it looks on the wire: pure, no I/O.
namespace hvsec::http {

/// Lets `handler` answer what may get as far as it.
/// `loopback`  Only this machine reaches the server. A request for a name other than localhost then
///             comes from a web page whose name was pointed at this machine (DNS rebinding).
Response respond(const RequestHead& head, bool loopback, const Handler& handler);

Response respond(const Refusal& refusal);

/// The bytes of a response. What a handler gives as its type goes into the header as it is.
std::string serialize(const Response& response, bool with_body, bool keep_alive);

}  // namespace hvsec::http
