#pragma once

#include <git2.h>
#include <memory>
#include <string>

/// libgit2's handles, each freed once. Its errors are texts of the last call of this thread.
namespace hvsec::revision::git {

/// Keeps libgit2 initialised. It counts how often, so several may live side by side.
///
/// Whose repository it is does not matter: git refuses a stranger's because its configuration names
/// programs to be run, and libgit2 runs none.
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

template <class T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

using Repository = Handle<git_repository, git_repository_free>;
using Reference = Handle<git_reference, git_reference_free>;
using Config = Handle<git_config, git_config_free>;
using ConfigIterator = Handle<git_config_iterator, git_config_iterator_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Tree = Handle<git_tree, git_tree_free>;
using TreeEntry = Handle<git_tree_entry, git_tree_entry_free>;
using Blob = Handle<git_blob, git_blob_free>;

/// Why the last call failed.
std::string last_error();

}  // namespace hvsec::revision::git
