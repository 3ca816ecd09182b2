#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/host_probe.hpp"

namespace hvsec::cli {

/// What a person can do about a failure; empty where its own sentence says all.
std::string_view advice(const Error& error);

/// Whole days until the certificate ends; below 0 when it has.
std::chrono::days days_left(const HostCertificate& certificate, WallTime now);

/// "2027-01-31T18:00:00Z"
std::string rfc3339_seconds(std::chrono::sys_seconds moment);

/// What will become a failure if nobody cares for it, in whole sentences.
std::vector<std::string> warnings(const HostProbe& probe, WallTime now);

}  // namespace hvsec::cli
