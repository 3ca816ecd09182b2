#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/error.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/setting.hpp"

namespace hvsec {

/// The TLS certificate that a host showed.
struct HostCertificate {
  std::string subject;
  std::string issuer;
  std::chrono::sys_seconds not_after{};  ///< Years up to 9999, which `WallTime` does not reach.
  std::string fingerprint;               ///< SHA-256, 64 lower-case hexadecimal digits.
};

/// How a host is talked to. What is not there, or not known yet, is empty.
struct HostConnection {
  std::string authentication;  ///< "Basic", "Certificate", "Kerberos", "NTLM"; empty: none.
  std::string encryption;      ///< "TLSv1.3"; "Kerberos" or "NTLM", of each message; empty: none.
  std::optional<HostCertificate> certificate;  ///< Also one that was refused.
};

/// What a host says of itself.
struct HostProduct {
  std::string vendor;
  std::string version;
};

/// What a host has to let us do, in this order.
enum class ProbeStep : std::uint8_t {
  prepare,   ///< Making the way to it: what its manifest says, the secrets that this names.
  connect,   ///< Reaching it and signing in.
  vms,       ///< Listing its VMs.
  settings,  ///< Reading their security settings.
  service,   ///< Seeing the service that changes them.
};

/// "prepare", "connect", "vms", "settings", "service".
std::string_view name(ProbeStep step);

struct ProbeFailure {
  ProbeStep step = ProbeStep::prepare;
  Error error;
};

/// What a host lets us do, as far as that was found out; a failure says what kept us from more.
struct HostProbe {
  ProbeStep step = ProbeStep::prepare;  ///< The one that is taken now, or was the last.
  HostConnection connection;
  std::optional<HostProduct> product;
  std::optional<Duration> round_trip;  ///< Of a small request over the connection that was made.
  std::optional<bool> hyper_v;         ///< Whether Hyper-V is installed.
  std::optional<std::size_t> vms;
  std::optional<bool> reads_settings;
  std::optional<bool> sees_service;
  /// Which settings this build of Windows has, by a VM's own; empty: there is no VM to tell by.
  std::optional<PerSetting<bool>> known_settings;
  std::vector<ProbeFailure> failures;  ///< Empty: everything can be used.
};

}  // namespace hvsec
