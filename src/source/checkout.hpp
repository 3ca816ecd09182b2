#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reconciler/result.hpp"
#include "src/source/descriptor.hpp"
#include "src/source/mirror.hpp"

namespace hvsec::source {

/// A folder with what a commit has at a path. It goes away with the object.
///
/// It is locked (flock) for as long as it lives, so that what a killed process left behind can be
/// told from what somebody still reads.
class Checkout {
 public:
  /// A new folder below `parent`, named for the commit; what nobody holds any more is removed.
  /// Errors: `terminal`.
  static Result<std::shared_ptr<Checkout>> make(const std::filesystem::path& parent,
                                                const std::string& commit);
  ~Checkout();
  Checkout(const Checkout&) = delete;
  Checkout& operator=(const Checkout&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] int descriptor() const { return descriptor_.number(); }

 private:
  Checkout(std::filesystem::path folder, Descriptor descriptor);

  std::filesystem::path folder_;
  Descriptor descriptor_;
};

/// Writes what `commit` has at `path`, a folder or a file ("": everything), into `checkout`, under
/// the same path.
///
/// As the commit has it, byte for byte: no line end is converted and no filter run. A symbolic link
/// is written when it stays within `path`. Nothing is executable.
/// Errors: `terminal`: no such path; a link that leaves it, a submodule, an impossible name; more
/// than the limits; the mirror is damaged, which it then says. `cancelled`.
Result<void> write_tree(Mirror& mirror, const git_oid& commit, const std::string& path,
                        const Checkout& checkout, const GitLimits& limits, const Line& line);

}  // namespace hvsec::source
