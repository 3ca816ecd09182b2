#pragma once

#include <filesystem>
#include <string>

#include "src/revision/revisions.hpp"

namespace hvsec::revision::test {

/// A temporary folder in which the real git can be run, without any user's or machine's settings.
class GitFolder {
 public:
  GitFolder();
  ~GitFolder();
  GitFolder(const GitFolder&) = delete;
  GitFolder& operator=(const GitFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

  /// Runs "git ARGUMENTS" in `folder` beneath this one and returns what it prints, without the last
  /// line break. A failure fails the test.
  std::string git(const std::string& arguments, const std::string& folder = ".") const;

  /// Makes `folder` a work tree with a commit of what is in it, and returns the commit.
  std::string commit_all(const std::string& folder = ".") const;

  void write(const std::string& file, const std::string& text) const;

  /// What hvsec would have read of `folder`: every *.yaml file that is not hidden.
  [[nodiscard]] Read read_of(const std::string& folder = ".") const;

 private:
  std::filesystem::path path_;
};

}  // namespace hvsec::revision::test
