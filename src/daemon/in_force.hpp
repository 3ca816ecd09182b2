#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/manifests.hpp"

namespace hvsec::daemon {

/// The manifests that the loop works by.
struct InForce {
  std::shared_ptr<const Manifests> manifests;
  std::shared_ptr<const void> keep;  ///< The files stay for as long as somebody holds this.
  WallTime since;
};

/// Manifests that were not taken. The ones in force before stay.
struct Refusal {
  std::string revision;               ///< The commit; empty: files without one.
  std::string digest;                 ///< Of all documents; empty: they could not be read.
  std::vector<std::string> mistakes;  ///< Whole sentences, for people.
  WallTime at;
};

/// What was loaded from a source, or every mistake in it.
struct Loaded {
  Manifests manifests;
  std::vector<std::string> mistakes;  ///< Empty: the manifests are good.
  std::shared_ptr<const void> keep;
};

/// The commits that the manifests are of: "4c1de02b7f9a of https://...". Empty: of none.
std::string commits(const std::vector<Revision>& revisions);

}  // namespace hvsec::daemon
