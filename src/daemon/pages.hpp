#pragma once

#include <functional>
#include <string>

#include "src/http/message.hpp"

namespace hvsec::daemon {

/// What stands behind the pages that the daemon serves.
struct PageSources {
  std::function<std::string()> metrics;  ///< In Prometheus' text format.
  std::function<std::string()> status;   ///< JSON.
  /// Whether manifests are in force; whether hosts can be reached is not this program's health.
  std::function<bool()> ready;
};

/// /metrics, /status.json, /healthz (the loop answers) and /readyz (manifests are in force).
http::Handler pages(PageSources sources);

}  // namespace hvsec::daemon
