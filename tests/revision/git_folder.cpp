#include "tests/revision/git_folder.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <stdlib.h>

#include <gtest/gtest.h>

namespace hvsec::revision::test {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& name) { return name.filename().string().starts_with('.'); }
bool is_manifest(const fs::path& name) { return name.extension() == ".yaml"; }

}  // namespace

GitFolder::GitFolder() {
  std::string name = (fs::temp_directory_path() / "hvsec-revision-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = fs::canonical(name);
}

GitFolder::~GitFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string GitFolder::git(const std::string& arguments, const std::string& folder) const {
  const std::string command =
      "cd '" + (path_ / folder).string() +
      "' && env -i PATH=\"$PATH\" HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1"
      " git -c user.name=T -c user.email=t@example.com -c init.defaultBranch=main"
      " -c protocol.file.allow=always " +
      arguments + " 2>&1";
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) out += buffer.data();
  EXPECT_EQ(pclose(pipe), 0) << "git " << arguments << ": " << out;
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::string GitFolder::commit_all(const std::string& folder) const {
  if (!fs::exists(path_ / folder / ".git")) git("init -q", folder);
  git("add -A", folder);
  git("commit -q --allow-empty -m change", folder);
  return git("rev-parse HEAD", folder);
}

void GitFolder::write(const std::string& file, const std::string& text) const {
  fs::create_directories((path_ / file).parent_path());
  std::ofstream(path_ / file, std::ios::binary) << text;
}

Read GitFolder::read_of(const std::string& folder) const {
  Read read{.folders = {fs::canonical(path_ / folder)},
            .files = {},
            .links = {},
            .is_manifest = is_manifest,
            .is_hidden = is_hidden};
  for (fs::recursive_directory_iterator entry(read.folders.front()), end; entry != end; ++entry) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_symlink()) {
      if (!entry->exists()) continue;
      read.links.push_back(entry->path());
      if (entry->is_regular_file()) read.files.push_back(fs::canonical(entry->path()));
    } else if (is_manifest(entry->path())) {
      read.files.push_back(entry->path());
    }
  }
  return read;
}

}  // namespace hvsec::revision::test
