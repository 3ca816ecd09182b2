#pragma once

#include "src/cli/options.hpp"
#include "src/cli/services.hpp"

/// One function per command. Each returns the exit code.
namespace hvsec::cli {

int validate(const Options& options, Console& console, const Runtime& runtime);
int plan(const Options& options, Console& console, const Runtime& runtime, const Reading& reading);
int check(const Options& options, Console& console, const Runtime& runtime, const Reading& reading);
int apply(const Options& options, Console& console, const Runtime& runtime,
          const Changing& changing);
int run_loop(const Options& options, Console& console, const Runtime& runtime,
             const Changing& changing, const Running& running);
int export_manifests(const Options& options, Console& console, const Runtime& runtime,
                     const Reading& reading);
int hosts(const Options& options, Console& console, const Runtime& runtime, const Reading& reading);
int history(const Options& options, Console& console, const Runtime& runtime,
            const History& history);
int history_show(const Options& options, Console& console, const History& history);
int history_prune(const Options& options, Console& console, const Runtime& runtime,
                  const Pruning& pruning);
int suspend(const Options& options, Console& console, const Runtime& runtime,
            const Suspending& suspending);
int resume(const Options& options, Console& console, const Runtime& runtime,
           const Suspending& suspending);
int suspensions(const Options& options, Console& console, const Runtime& runtime,
                const Suspending& suspending);
int explain(const Options& options, Console& console);
int schema(const Options& options, Console& console);
int version(const Options& options, Console& console);
int completion(const Options& options, Console& console);

}  // namespace hvsec::cli
