#pragma once

#include "reconciler/report.hpp"
#include "src/cli/options.hpp"
#include "src/cli/services.hpp"

namespace hvsec::cli {

/// Prints `report`, writes the copies that --report asks for, and returns the exit code that goes
/// with it. A copy that cannot be written makes a 0 a 1.
/// `manifests`  Those that the pass was over.
int deliver(const Report& report, const Manifests& manifests, const Options& options,
            Console& console);

/// Whether --vm was given and matched no VM although every host could be read: told on standard
/// error, since an empty pass must not look like a good one.
bool matched_nothing(const Report& report, const Options& options, Console& console);

/// The ledger of --ledger, or the one in the state folder.
Result<std::string> ledger_file(const Options& options, const Console& console);

}  // namespace hvsec::cli
