#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/simulator/delivery.hpp"

namespace hvsec::simulator {

/// One HTTP request, without the library that read it.
struct HttpRequest {
  std::string method;
  std::string target;
  std::string content_type;
  std::string authorization;
  bool unauthenticated_identify = false;  ///< WSMANIDENTIFY: unauthenticated.
  std::string body;
};

/// What to answer, and how badly.
struct HttpReply {
  unsigned status = 200;
  std::string content_type = "application/soap+xml;charset=UTF-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Delivery delivery;
};

inline bool is_soap(std::string_view content_type) {
  return content_type.starts_with("application/soap+xml") || content_type.starts_with("text/xml");
}

}  // namespace hvsec::simulator
