#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "reconciler/change_plan.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/result.hpp"
#include "src/cli/options.hpp"
#include "src/cli/services.hpp"
#include "src/manifest/load.hpp"

namespace hvsec::cli {

/// What a command cannot do without: an empty pass must not look like a good one.
enum class Needs : std::uint8_t { hosts, hosts_and_policies };

/// Loads the manifests that `options` names. Empty, with
/// everything that is wrong told on standard error, when they cannot be used.
std::optional<manifest::LoadResult> load_manifests(const Options& options, Needs needs,
                                                   Console& console);

/// The manifests of `loaded` with the git revisions that they are of, for a pass to put on record.
Manifests with_revisions(manifest::LoadResult loaded, const Runtime& runtime, platform::Log& log);

/// The mistakes of `loaded`, one per line.
void print_errors(const manifest::LoadResult& loaded, Console& console);

/// The paths of --manifests, or the current folder.
std::vector<std::string> manifest_paths(const Options& options);

/// The plan that the command is to keep to; null: it was given none.
/// Errors: it cannot be used, is for other manifests, or was expired at `now`.
Result<std::shared_ptr<const ChangePlan>> load_plan(const Options& options,
                                                    const Manifests& manifests, WallTime now);

}  // namespace hvsec::cli
