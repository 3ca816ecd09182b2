#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/result.hpp"

namespace hvsec::source {

/// One state of the manifests that can be loaded.
struct Snapshot {
  std::vector<std::string> paths;  ///< What `manifest::load` is to be given.
  /// Of a git source: the commit, never dirty; its folder is the one that was checked out into.
  /// Empty: files on disk, whose revision is read from the work tree that they lie in.
  std::optional<Revision> revision;
  /// A sentence that belongs in the log, "the branch was rewritten: ..."; mostly empty.
  std::string note;
  /// The paths stay as they are for as long as somebody holds this.
  std::shared_ptr<const void> keep;
};

/// Port: where manifests come from.
///
/// Errors    Every failure comes back as an `Error`; no call throws of its own accord.
/// Cancel    Every suspension honours terminal cancellation, at once.
/// Threads   Not thread-safe: call it only from the executor it was made on, one call at a time.
/// Lifetime  The clock outlives the source; a snapshot may outlive it.
class Source {
 public:
  virtual ~Source() = default;

  /// The newest state that there is now.
  /// Errors: `transient` (the remote does not answer); `terminal` (refused credentials, no such
  /// branch or path, a bad signature, too large), until somebody mends what the detail says;
  /// `cancelled`.
  virtual awaitable<Result<Snapshot>> fetch() = 0;

  /// The manifests of `snapshot` have proved good: where the source can, it keeps them for `kept`.
  virtual awaitable<void> keep(Snapshot snapshot) = 0;

  /// What was kept last, from this machine's disk alone: for a start while the remote does not
  /// answer, or has nothing that is good. The checks of `fetch` are made again. Empty: nothing is
  /// kept.
  /// Errors: `terminal`; `cancelled`.
  virtual awaitable<Result<std::optional<Snapshot>>> kept() = 0;

  /// Returns when there may be something new since `fetch` began: files changed, or it is time to
  /// ask the remote again. Also when cancelled.
  virtual awaitable<void> changed() = 0;

  /// For people, without credentials: "manifests/", or "https://git.example.com/fleet.git, branch
  /// main, path prod".
  [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace hvsec::source
