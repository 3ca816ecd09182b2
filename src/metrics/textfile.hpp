#pragma once

#include <string>

#include "src/metrics/metrics.hpp"

namespace hvsec::metrics {

/// What one pass found, under the names that the daemon uses, for the textfile collector of
/// Prometheus' node exporter. Its counters count that pass alone.
/// `manifests`  Those that `report` is of.
std::string textfile(const Report& report, const Manifests& manifests, Options options);

}  // namespace hvsec::metrics
