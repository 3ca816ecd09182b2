#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/cli/services.hpp"
#include "src/cli/work.hpp"
#include "src/daemon/in_force.hpp"

namespace hvsec::cli {

/// Where `run` takes its manifests from. `ledger`  What a repository is kept beside.
/// Errors: flags that do not go together, or cannot be meant so.
Result<std::unique_ptr<source::Source>> make_source(const Options& options,
                                                    const std::string& ledger,
                                                    const Running& running, Work& work);

/// Null: none is asked for. Errors: as above, and a secret that cannot be read.
Result<std::unique_ptr<webhook::Webhook>> make_webhook(const Options& options, Console& console,
                                                       const Running& running, Work& work);

/// Reads and checks what a source has, on a thread of its own.
/// Lifetime  Both arguments outlive it.
std::function<awaitable<daemon::Loaded>(source::Snapshot)> loader(const Runtime& runtime,
                                                                  Work& work);

}  // namespace hvsec::cli
