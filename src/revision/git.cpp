#include "src/revision/git.hpp"

namespace hvsec::revision::git {

Library::Library() {
  git_libgit2_init();
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
}

Library::~Library() { git_libgit2_shutdown(); }

std::string last_error() {
  const git_error* error = git_error_last();
  return error == nullptr || error->message == nullptr ? "no reason given" : error->message;
}

}  // namespace hvsec::revision::git
