#include "src/revision/revisions.hpp"

#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "src/revision/work_tree.hpp"

namespace hvsec::revision {
namespace {

namespace fs = std::filesystem;

// One work tree, and what was found out about it.
struct Known {
  fs::path folder;
  std::optional<WorkTree> tree;  // Empty: the repository cannot be read.
  Revision revision;
};

class Reader {
 public:
  explicit Reader(const Read& read) : read_(read) {}

  Revisions run() {
    for (const fs::path& file : read_.files) compare(file, false);
    for (const fs::path& link : read_.links) compare(link, true);
    for (const fs::path& folder : read_.folders) look_for_missing(folder);
    for (auto& [folder, known] : trees_) answer_.revisions.push_back(std::move(known->revision));
    return std::move(answer_);
  }

 private:
  using Shared = std::shared_ptr<Known>;

  // The work tree that `folder` lies in, or null. Each folder is looked into once.
  Shared tree_of(const fs::path& folder) {
    const auto found = by_folder_.find(folder);
    if (found != by_folder_.end()) return found->second;
    std::error_code error;
    Shared tree;
    if (fs::exists(fs::symlink_status(folder / ".git", error))) {
      tree = open(folder);
    } else if (folder.has_relative_path()) {
      tree = tree_of(folder.parent_path());
    }
    return by_folder_[folder] = tree;
  }

  Shared open(const fs::path& folder) {
    if (!library_) library_.emplace();
    auto opened = WorkTree::open(folder);
    if (opened && !*opened) return nullptr;
    auto known = std::make_shared<Known>();
    known->folder = folder;
    known->revision.folder = folder.string();
    trees_[folder] = known;
    if (!opened) {
      give_up(*known, opened.error());
      return known;
    }
    known->tree = *std::move(opened);
    known->revision.remote = known->tree->remote();
    if (const auto head = known->tree->read_head(); !head)
      give_up(*known, head.error());
    else
      known->revision.commit = known->tree->commit();
    return known;
  }

  // What cannot be compared is not called clean.
  void give_up(Known& known, const Error& error) {
    known.tree.reset();
    known.revision.commit.clear();
    known.revision.dirty = true;
    answer_.warnings.push_back("the git repository of " + known.folder.string() +
                               " cannot be read, so no commit goes on record: " + error.detail);
  }

  void compare(const fs::path& path, bool link) {
    const Shared known = tree_of(path.parent_path());
    if (!known || known->revision.dirty) return;
    known->revision.dirty = !known->tree->has_same(path.lexically_relative(known->folder), link);
  }

  // What the commit has and nobody could read, since it is gone.
  void look_for_missing(const fs::path& folder) {
    const Shared known = tree_of(folder);
    if (!known || known->revision.dirty) return;
    const fs::path within = folder.lexically_relative(known->folder);
    const auto walked =
        known->tree->walk(within, [&](const Step& step) { return look_at(*known, within, step); });
    if (!walked) give_up(*known, walked.error());
  }

  WorkTree::Next look_at(Known& known, const fs::path& within, const Step& step) {
    using Next = WorkTree::Next;
    if (known.revision.dirty || read_.is_hidden(step.name)) return Next::skip;
    const auto [mode, id] = step.committed;
    const bool is_link = mode == GIT_FILEMODE_LINK;
    const bool is_submodule = mode == GIT_FILEMODE_COMMIT;
    if (mode == GIT_FILEMODE_TREE) return Next::go_on;
    if (!is_link && !is_submodule && !read_.is_manifest(step.name)) return Next::go_on;
    const fs::path path = (within / step.folder / step.name).lexically_normal();
    std::error_code error;
    if (is_link)
      known.revision.dirty = !known.tree->has_same(path, true);
    else if (is_submodule)
      known.revision.dirty = is_at_another_commit(known.folder / path, id);
    else
      known.revision.dirty = !fs::is_regular_file(fs::symlink_status(known.folder / path, error));
    return Next::go_on;
  }

  // A submodule has a revision of its own; here it counts which of them the commit asks for.
  [[nodiscard]] bool is_at_another_commit(const fs::path& submodule, const git_oid& wanted) const {
    const auto found = trees_.find(submodule);
    if (found == trees_.end()) return false;
    git_oid now{};
    return git_oid_fromstr(&now, found->second->revision.commit.c_str()) != 0 ||
           git_oid_equal(&now, &wanted) == 0;
  }

  const Read& read_;
  std::optional<git::Library> library_;  // Costly to have: it reads the system's certificates.
  Revisions answer_;
  std::map<fs::path, Shared> trees_;      // By the top folder.
  std::map<fs::path, Shared> by_folder_;  // Null: in none.
};

}  // namespace

Revisions read_revisions(const Read& read) { return Reader(read).run(); }

}  // namespace hvsec::revision
