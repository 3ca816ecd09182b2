#include "src/revision/work_tree.hpp"

#include <array>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/revision/remote_url.hpp"

namespace hvsec::revision {
namespace {

namespace fs = std::filesystem;

// Trees may hold one another many times over, so that a few kilobytes unfold to more entries than
// there are atoms; and no path that is longer than this can be in a work tree.
constexpr std::size_t most_entries = 1'000'000;
constexpr std::size_t longest_path = 4096;

tl::unexpected<Error> git_failure(const std::string& doing) {
  return fail(ErrorKind::terminal, doing + ": " + git::last_error());
}

std::string hexadecimal(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ + 1> text{};
  return git_oid_tostr(text.data(), text.size(), &id);
}

// The URLs of the remotes by name, as git_remote_list and git_remote_lookup would tell, which lose
// memory for every entry of the configuration that they look at (libgit2 1.5 over PCRE2).
std::map<std::string, std::string> remotes(git_repository* repository) {
  constexpr std::string_view head = "remote.";
  constexpr std::string_view tail = ".url";
  git_config* found = nullptr;
  if (git_repository_config_snapshot(&found, repository) != 0) return {};
  const git::Config config(found);
  git_config_iterator* first = nullptr;
  if (git_config_iterator_new(&first, config.get()) != 0) return {};
  const git::ConfigIterator entries(first);
  std::map<std::string, std::string> urls;
  git_config_entry* entry = nullptr;  // The iterator's own.
  while (git_config_next(&entry, entries.get()) == 0) {
    const std::string_view key = entry->name;
    if (key.size() > head.size() + tail.size() && key.starts_with(head) && key.ends_with(tail))
      urls.emplace(key.substr(head.size(), key.size() - head.size() - tail.size()),
                   entry->value == nullptr ? "" : entry->value);
  }
  return urls;
}

// Empty: the branch follows none.
std::string upstream_remote(git_repository* repository) {
  git_reference* found = nullptr;
  if (git_repository_head(&found, repository) == 0) {
    const git::Reference head(found);
    git_buf name = GIT_BUF_INIT;
    const bool tracked =
        git_branch_upstream_remote(&name, repository, git_reference_name(head.get())) == 0;
    std::string upstream = tracked ? name.ptr : "";
    git_buf_dispose(&name);
    // "." is the repository itself: the branch follows another one of its own.
    if (tracked && upstream != ".") return upstream;
  }
  return "";
}

struct Walk {
  const std::function<WorkTree::Next(const Step&)>& visit;
  std::size_t entries = 0;
};

// Called by libgit2: negative ends the walk, positive skips what is beneath the entry.
int on_entry(const char* root, const git_tree_entry* entry, void* payload) {
  Walk& walk = *static_cast<Walk*>(payload);
  if (++walk.entries > most_entries) return GIT_EUSER;
  const Step step{.folder = root,
                  .name = git_tree_entry_name(entry),
                  .committed = {git_tree_entry_filemode(entry), *git_tree_entry_id(entry)}};
  if (step.folder.size() + step.name.size() > longest_path) return 1;
  return walk.visit(step) == WorkTree::Next::skip ? 1 : 0;
}

}  // namespace

Result<std::optional<WorkTree>> WorkTree::open(const fs::path& folder) {
  git_repository* found = nullptr;
  if (git_repository_open_ext(&found, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0)
    return git_failure("it cannot be opened");
  WorkTree tree{git::Repository(found)};
  const char* top = git_repository_workdir(found);
  std::error_code error;
  if (top == nullptr || !fs::equivalent(top, folder, error)) return std::optional<WorkTree>();
  return std::optional<WorkTree>(std::move(tree));
}

Result<void> WorkTree::read_head() {
  git_reference* found = nullptr;
  const int code = git_repository_head(&found, repository_.get());
  if (code == GIT_EUNBORNBRANCH) return {};
  if (code != 0) return git_failure("what is checked out cannot be read");
  const git::Reference head(found);
  git_object* commit = nullptr;
  if (git_reference_peel(&commit, found, GIT_OBJECT_COMMIT) != 0)
    return git_failure("the commit that is checked out cannot be read");
  // A commit is what peeling to one gives.
  const git::Commit owned(reinterpret_cast<git_commit*>(commit));
  git_tree* tree = nullptr;
  if (git_commit_tree(&tree, owned.get()) != 0)
    return git_failure("the commit that is checked out cannot be read");
  tree_.reset(tree);
  commit_ = *git_commit_id(owned.get());
  return {};
}

std::string WorkTree::commit() const { return tree_ ? hexadecimal(commit_) : ""; }

std::string WorkTree::remote() const {
  const auto urls = remotes(repository_.get());
  auto chosen = urls.find(upstream_remote(repository_.get()));
  if (chosen == urls.end()) chosen = urls.size() == 1 ? urls.begin() : urls.find("origin");
  return chosen == urls.end() ? "" : without_credentials(chosen->second);
}

std::optional<Committed> WorkTree::find(const fs::path& path) const {
  git_tree_entry* found = nullptr;
  if (!tree_ || git_tree_entry_bypath(&found, tree_.get(), path.c_str()) != 0) return std::nullopt;
  const git::TreeEntry entry(found);
  return Committed{git_tree_entry_filemode(found), *git_tree_entry_id(found)};
}

bool WorkTree::has_same(const fs::path& path, bool link) const {
  const std::optional<Committed> committed = find(path);
  if (!committed || (committed->mode == GIT_FILEMODE_LINK) != link) return false;
  const fs::path file = fs::path(git_repository_workdir(repository_.get())) / path;
  std::error_code error;
  git_oid now{};
  int code = 0;
  if (link) {
    const std::string target = fs::read_symlink(file, error).string();
    if (error) return false;
    code = git_odb_hash(&now, target.data(), target.size(), GIT_OBJECT_BLOB);
  } else {
    // Looked at first, since opening a pipe would wait for whoever writes into it.
    if (!fs::is_regular_file(fs::symlink_status(file, error))) return false;
    code = git_repository_hashfile(&now, repository_.get(), file.c_str(), GIT_OBJECT_BLOB, nullptr);
  }
  return code == 0 && git_oid_equal(&now, &committed->id) == 1;
}

Result<void> WorkTree::walk(const fs::path& folder,
                            const std::function<Next(const Step&)>& visit) const {
  if (!tree_) return {};
  git::Tree beneath;
  git_tree* start = tree_.get();
  if (!folder.empty() && folder != ".") {
    const std::optional<Committed> committed = find(folder);
    if (!committed || committed->mode != GIT_FILEMODE_TREE) return {};
    if (git_tree_lookup(&start, repository_.get(), &committed->id) != 0)
      return git_failure("the commit that is checked out cannot be read");
    beneath.reset(start);
  }
  Walk walk{.visit = visit};
  if (git_tree_walk(start, GIT_TREEWALK_PRE, on_entry, &walk) == 0) return {};
  if (walk.entries > most_entries)
    return fail(ErrorKind::terminal, "its commit has more than " + std::to_string(most_entries) +
                                         " entries where the manifests are");
  return git_failure("the commit that is checked out cannot be read");
}

}  // namespace hvsec::revision
