#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "reconciler/ports/host.hpp"
#include "src/hyperv/cim_session.hpp"

namespace hvsec::hyperv {

/// A Hyper-V host over `session`, whatever carries that. As a `HostReader` it changes nothing.
///
/// Sent for each call, none of it depending on how many VMs there are:
///   probe               two identifies, three enumerations and a get, one after the other
///   observe             three enumerations side by side
///   read                two gets side by side
///   read_settings       one get
///   has_key_protector   one invoke of GetKeyProtector
///   submit              one invoke of ModifySecuritySettings
///   poll                one get
///   job_errors          one invoke of GetErrorEx
///   running_jobs        one enumeration, then a get for each job of the VM that the host remembers
/// The keys of the host's security service, which an invoke needs, are enumerated once and again
/// after the host did not know them any more.
/// `now`  What a round trip is measured by.
std::unique_ptr<hvsec::Host> make_host(
    std::unique_ptr<cim::Session> session,
    std::function<Instant()> now = std::chrono::steady_clock::now);

}  // namespace hvsec::hyperv
