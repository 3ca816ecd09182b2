#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/pass.hpp"
#include "src/cli/options.hpp"
#include "src/cli/work.hpp"

namespace hvsec::cli {

/// The hosts that `options` narrows `manifests` to, by name.
/// Lifetime  `manifests` outlives the result.
std::vector<const HostManifest*> chosen_hosts(const Manifests& manifests, const Options& options);

/// How asking one host went.
struct HostVisit {
  std::optional<Error> error;  ///< There when it could not be asked, or not to the end.
  Duration took{};
};

/// Asks the host at `index` of those that are visited; how many VMs were seen.
using AskHost = std::function<awaitable<Result<std::size_t>>(HostReader& host, std::size_t index)>;

/// Visits all of `hosts` side by side, each on its own and within its own time: a slow or a dead
/// one holds up nobody. In the order of `hosts`.
std::vector<HostVisit> visit_hosts(const std::vector<const HostManifest*>& hosts,
                                   const Options& options, const Reading& reading,
                                   const AskHost& ask, Work& work);

}  // namespace hvsec::cli
