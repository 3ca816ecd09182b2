#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "reconciler/manifests.hpp"

namespace hvsec::revision {

/// What was read, as paths without symbolic links.
struct Read {
  std::vector<std::filesystem::path> folders;  ///< That were searched for manifests.
  std::vector<std::filesystem::path> files;    ///< That were read.
  /// Symbolic links within the folders that led to a file or folder.
  std::vector<std::filesystem::path> links;
  /// Whether a file or folder of that name in one of the folders would be looked at.
  std::function<bool(const std::filesystem::path& name)> is_manifest;
  std::function<bool(const std::filesystem::path& name)> is_hidden;
};

struct Revisions {
  std::vector<Revision> revisions;    ///< One for each work tree, by folder.
  std::vector<std::string> warnings;  ///< A sentence for each repository that cannot be read.
};

/// The revisions of the git work trees that `read` lies in. Nothing is written, no program run, and
/// only what was read is compared with the commit, however large the work tree is.
///
/// Errors: none. A repository that cannot be read gives a revision without a commit, and a warning.
Revisions read_revisions(const Read& read);

}  // namespace hvsec::revision
