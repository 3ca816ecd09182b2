#include "src/cli/input.hpp"

#include <algorithm>
#include <ostream>
#include <string>

#include "reconciler/wall_time.hpp"
#include "src/cli/console.hpp"
#include "src/plan_file/plan_file.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) (text += text.empty() ? "" : ", ") += path;
  return text;
}

bool wanted(const HostManifest& host, const std::vector<Glob>& globs) {
  return globs.empty() ||
         std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(host.name); });
}

// The sentence about what is missing; empty: nothing is.
std::string missing(const Manifests& manifests, const Options& options, Needs needs) {
  const std::string where = joined(manifest_paths(options));
  if (manifests.hosts.empty())
    return "no manifest of kind Host in " + where +
           "; there is nothing to look at. Name more with --manifests";
  if (needs == Needs::hosts_and_policies && manifests.policies.empty())
    return "no manifest of kind VmSecurity in " + where +
           "; there is nothing to compare with. Name more with --manifests";
  if (std::ranges::none_of(manifests.hosts,
                           [&](const HostManifest& host) { return wanted(host, options.hosts); }))
    return "no host's name matches --host; see the hosts' names with \"hvsec hosts\"";
  return "";
}

}  // namespace

std::vector<std::string> manifest_paths(const Options& options) {
  return options.manifests.empty() ? std::vector<std::string>{"."} : options.manifests;
}

void print_errors(const manifest::LoadResult& loaded, Console& console) {
  for (const manifest::Diagnostic& error : loaded.errors)
    console.err << report::safe_text(manifest::text(error), 4000) << '\n';
}

std::optional<manifest::LoadResult> load_manifests(const Options& options, Needs needs,
                                                   Console& console) {
  manifest::LoadResult loaded = manifest::load(manifest_paths(options));
  if (!loaded.errors.empty()) {
    print_errors(loaded, console);
    refuse(console, report::counted(loaded.errors.size(), "mistake") +
                        " in the manifests; no host was asked");
    return std::nullopt;
  }
  const std::string what = missing(loaded.manifests, options, needs);
  if (!what.empty()) {
    refuse(console, what);
    return std::nullopt;
  }
  return loaded;
}

Manifests with_revisions(manifest::LoadResult loaded, const Runtime& runtime, platform::Log& log) {
  Manifests manifests = std::move(loaded.manifests);
  manifests.revisions = runtime.revisions(loaded.sources, log);
  return manifests;
}

Result<std::shared_ptr<const ChangePlan>> load_plan(const Options& options,
                                                    const Manifests& manifests, WallTime now) {
  if (options.argument.empty()) return std::shared_ptr<const ChangePlan>();
  auto plan = plan_file::load_plan(options.argument);
  if (!plan) return fail(plan.error());
  const auto refused = [&](const std::string& why) {
    return fail(ErrorKind::invalid,
                "the plan " + options.argument + " " + why + "; make a new plan");
  };
  if (now >= plan->expires) return refused("expired at " + rfc3339(plan->expires));
  if (plan->manifest_digest != manifests.digest)
    return refused("was made from other manifests than these");
  return std::make_shared<const ChangePlan>(*std::move(plan));
}

}  // namespace hvsec::cli
