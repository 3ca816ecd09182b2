#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "src/source/git_source.hpp"
#include "tests/revision/git_folder.hpp"
#include "tests/source/world.hpp"

namespace hvsec::source::test {

/// A test with a bare repository "remote.git" and somebody's work tree "work" that is pushed to it.
class RemoteTest : public testing::Test {
 protected:
  RemoteTest();

  /// Writes a file, commits it and pushes it; returns the commit.
  std::string push(const std::string& file, const std::string& text);
  /// Commits and pushes all that is in "work".
  std::string push_all();

  /// Options for the repository on disk.
  [[nodiscard]] GitOptions options() const;
  std::unique_ptr<Source> make(GitOptions options);
  std::unique_ptr<Source> make() { return make(options()); }

  Result<Snapshot> fetch(Source& source) { return world.finish(source.fetch()); }
  void keep(Source& source, const Snapshot& snapshot);
  /// Why it fails; "" when it does not, which also fails the test.
  std::string refusal(Source& source, ErrorKind kind = ErrorKind::terminal);

  [[nodiscard]] std::filesystem::path state() const { return folder / "state"; }

  revision::test::GitFolder folder;
  World world;
};

std::string content(const std::filesystem::path& file);

/// What a snapshot's one path, or the file beneath it, holds.
std::string content(const Snapshot& snapshot, const std::string& file = "");

}  // namespace hvsec::source::test
