#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reconciler/result.hpp"
#include "src/revision/git.hpp"

namespace hvsec::revision {

/// What a commit has at one path: a file, link, folder or submodule.
struct Committed {
  git_filemode_t mode = GIT_FILEMODE_UNREADABLE;
  git_oid id{};
};

/// One step of a walk. A path is made of it only where one is needed: there may be a million.
struct Step {
  std::string_view folder;  ///< Beneath the folder that the walk began in, "" or "site/ams/".
  std::string_view name;
  Committed committed;
};

/// One git work tree, compared file by file with the commit that is checked out.
/// Threads   Not thread-safe.
/// Lifetime  `git::Library` outlives it.
class WorkTree {
 public:
  /// The work tree whose top is `folder`. Empty: it is a bare repository, or its work tree is
  /// elsewhere. Errors: `terminal`.
  static Result<std::optional<WorkTree>> open(const std::filesystem::path& folder);

  /// Reads what is checked out. Errors: `terminal`. Without a commit yet that is no error.
  Result<void> read_head();

  /// Hexadecimal; empty when there is none yet.
  [[nodiscard]] std::string commit() const;
  /// Without credentials; empty when there is none.
  [[nodiscard]] std::string remote() const;

  /// Whether the commit has this file (a link, when `link`) as it is now. Takes a path within the
  /// work tree.
  [[nodiscard]] bool has_same(const std::filesystem::path& path, bool link) const;

  enum class Next : bool { go_on, skip };
  /// Calls `visit` for each entry of the commit beneath `folder`, folders before what is in them;
  /// `skip` leaves a folder's content out.
  /// Errors: `terminal`: the repository is damaged, or it has absurdly many entries.
  Result<void> walk(const std::filesystem::path& folder,
                    const std::function<Next(const Step&)>& visit) const;

 private:
  explicit WorkTree(git::Repository repository) : repository_(std::move(repository)) {}

  [[nodiscard]] std::optional<Committed> find(const std::filesystem::path& path) const;

  git::Repository repository_;
  git::Tree tree_;  // Null: nothing is committed yet.
  git_oid commit_{};
};

}  // namespace hvsec::revision
