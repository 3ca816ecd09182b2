#pragma once

#include <functional>
#include <string>

namespace hvsec::http {

struct Request {
  std::string method;  ///< GET or HEAD.
  std::string path;    ///< As it came, from the "/" on, without the query.
};

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;  ///< A HEAD is answered like a GET; the server leaves the body out.
};

/// Answers a request at once: it runs on the thread of everything else and must not wait.
using Handler = std::function<Response(const Request& request)>;

}  // namespace hvsec::http
