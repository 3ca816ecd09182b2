// Which files are read of the paths that are given.
#include "src/manifest/files.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/load.hpp"
#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Folder : public testing::Test {
 protected:
  Folder() {
    std::string name = (fs::temp_directory_path() / "hvsec-XXXXXX").string();
    root_ = fs::canonical(mkdtemp(name.data()));
  }
  ~Folder() override { fs::remove_all(root_); }

  [[nodiscard]] std::string at(const std::string& name) const { return (root_ / name).string(); }

  void write(const std::string& name, const std::string& text = "") const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }

  void link(const std::string& name, const std::string& target) const {
    fs::create_directories((root_ / name).parent_path());
    fs::create_symlink(target, root_ / name);
  }

  // Found files and errors, without the folder's own name.
  [[nodiscard]] std::vector<std::string> find(const std::vector<std::string>& names,
                                              const Limits& limits = {}) const {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(name == "-" ? name : at(name));
    const Sources sources = find_sources(paths, limits);
    std::vector<std::string> found;
    for (const Source& source : sources.files) found.push_back(local(source.name));
    for (const Diagnostic& error : sources.errors) found.push_back("! " + local(text(error)));
    return found;
  }

 private:
  [[nodiscard]] std::string local(const std::string& text) const {
    const std::string prefix = root_.string() + "/";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }

  fs::path root_;
};

TEST_F(Folder, IsSearchedForYamlFilesByName) {
  for (const char* name : {"m/b.yaml", "m/a.yml", "m/c/z.yaml", "m/c/A.YAML", "m/readme.md",
                           "m/yaml", "m/x.yaml.bak", "m/.hidden.yaml", "m/.git/config.yaml"})
    write(name);
  EXPECT_THAT(find({"m"}), ElementsAre("m/a.yml", "m/b.yaml", "m/c/A.YAML", "m/c/z.yaml"));
}

TEST_F(Folder, WithoutAManifestIsAnError) {
  write("m/readme.md");
  EXPECT_THAT(find({"m"}), ElementsAre("! m: has no *.yaml or *.yml file in it (is this the right "
                                       "folder?)"));
}

TEST_F(Folder, AFileMayHaveAnyNameAndIsReadOnce) {
  write("m/a.yaml");
  write("m/.hidden");
  EXPECT_THAT(find({"m/.hidden", "m/a.yaml", "m", "m/../m/a.yaml"}),
              ElementsAre("m/.hidden", "m/a.yaml"));
}

TEST_F(Folder, APathThatIsNotThereIsAnError) {
  write("m/a.yaml");
  EXPECT_THAT(find({"m/b.yaml", "m"}),
              ElementsAre("m/a.yaml", "! m/b.yaml: cannot be read: No such file or directory"));
}

TEST_F(Folder, LinksThatStayInTheTreeAreFollowed) {
  // The way Kubernetes mounts a ConfigMap.
  write("m/..2025/a.yaml");
  link("m/..data", "..2025");
  link("m/a.yaml", "..data/a.yaml");
  link("m/sub", "..2025");
  link("m/b.yaml", "a.yaml");
  EXPECT_THAT(find({"m"}), ElementsAre("m/a.yaml"));
}

TEST_F(Folder, LinksThatLeaveTheTreeAreErrors) {
  write("secret/s.yaml");
  write("m/a.yaml");
  link("m/b.yaml", "../secret/s.yaml");
  link("m/c", "../secret");
  link("m/d.txt", "/etc/passwd");
  const auto found = find({"m"});
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0], "m/a.yaml");
  for (const std::string_view name : {"m/b.yaml", "m/c"})
    EXPECT_THAT(found, testing::Contains("! " + std::string(name) +
                                         ": is a symbolic link to a place outside the folder that "
                                         "was given (give that place as a path of its own)"));
}

TEST_F(Folder, AGivenPathMayItselfBeALink) {
  write("real/a.yaml");
  link("m", "real");
  link("one.yaml", "real/a.yaml");
  EXPECT_THAT(find({"m"}), ElementsAre("m/a.yaml"));
  EXPECT_THAT(find({"one.yaml"}), ElementsAre("one.yaml"));
}

TEST_F(Folder, LinksInCirclesEnd) {
  write("m/sub/a.yaml");
  link("m/sub/up", "..");
  link("m/self", ".");
  link("m/loop", "loop");
  link("m/loop.yaml", "loop.yaml");
  const auto found = find({"m"});
  EXPECT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0], testing::EndsWith("a.yaml"));
  EXPECT_THAT(found[1], testing::StartsWith("! m/loop.yaml: cannot be read: "));
}

TEST_F(Folder, WhatIsNoRegularFileIsRefused) {
  write("m/a.yaml");
  ASSERT_EQ(mkfifo(at("m/pipe.yaml").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo(at("m/pipe").c_str(), 0600), 0);
  fs::create_directory(at("m/folder.yaml"));
  EXPECT_THAT(find({"m"}), ElementsAre("m/a.yaml", "! m/pipe.yaml: is not a regular file"));
  EXPECT_THAT(find({"m/pipe"}), ElementsAre("! m/pipe: is neither a file nor a folder (pipe it in, "
                                            "and give - as the path)"));
}

TEST_F(Folder, TooManyFilesAreAnError) {
  for (int i = 0; i < 20; ++i) write("m/" + std::to_string(i) + ".yaml");
  Limits limits;
  limits.files = 10;
  const auto found = find({"m"}, limits);
  ASSERT_THAT(found, SizeIs(11));
  EXPECT_THAT(found.back(), testing::HasSubstr("is one of more than 10 files"));
}

TEST_F(Folder, ExactlyTheMostFilesAreRead) {
  for (int i = 0; i < 10; ++i) write("m/" + std::to_string(i) + ".yaml");
  Limits limits;
  limits.files = 10;
  EXPECT_THAT(find({"m"}, limits), SizeIs(10));
}

TEST_F(Folder, StandardInputIsADash) { EXPECT_THAT(find({"-", "-"}), ElementsAre("<stdin>")); }

TEST_F(Folder, StandardInputIsLoaded) {
  std::istringstream text("kind: Hots\n");
  std::streambuf* const real = std::cin.rdbuf(text.rdbuf());
  const LoadResult result = load({"-"});
  std::cin.rdbuf(real);
  ASSERT_FALSE(result.errors.empty());
  EXPECT_EQ(*result.errors.front().place.file, "<stdin>");
  EXPECT_EQ(result.files, 1U);
}

TEST_F(Folder, AStreamIsReadUpToTheLimit) {
  std::istringstream exact(std::string(100'000, 'a'));
  EXPECT_EQ(read(exact, 100'000).value_or("").size(), 100'000U);
  std::istringstream longer(std::string(100'001, 'a'));
  const auto text = read(longer, 100'000);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().detail, "is larger than 100000 bytes");
}

TEST_F(Folder, LoadsEveryFileAndNamesBothPlacesOfAName) {
  const std::string host =
      "apiVersion: hvsec/v1\nkind: Host\nmetadata: {name: h}\nspec: {endpoint: \"https://h\", tls: "
      "{caFile: ca.pem}}\n";
  write("m/a.yaml", host);
  LoadResult result = load({at("m")});
  ASSERT_THAT(told(result), IsEmpty());
  EXPECT_EQ(result.manifests.hosts.at(0).tls.ca_file, at("m/ca.pem"));
  EXPECT_EQ(result.files, 1U);

  write("m/z/b.yaml", host);
  write("m/ci.yaml", "on: push\n");
  result = load({at("m")});
  EXPECT_EQ(result.files, 3U);
  EXPECT_THAT(
      told(result),
      ElementsAre(testing::HasSubstr("m/ci.yaml:1:1: this document is not an hvsec"),
                  at("m/z/b.yaml") + ":3:18: a second Host is called \"h\" (the first is at " +
                      at("m/a.yaml") + ":3:18)"));
}

TEST_F(Folder, AllFilesTogetherHaveALimit) {
  write("m/a.yaml", std::string(600, '\n'));
  write("m/b.yaml", std::string(600, '\n'));
  Limits limits;
  limits.total_bytes = 1000;
  EXPECT_THAT(told(load({at("m")}, limits)),
              ElementsAre(at("m/b.yaml") + ": makes all files together larger than 1000 bytes"));
}

TEST_F(Folder, AFileThatMayNotBeReadIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write("m/a.yaml");
  fs::permissions(at("m/a.yaml"), fs::perms::none);
  EXPECT_THAT(told(load({at("m")})),
              ElementsAre(at("m/a.yaml") + ": cannot be read: Permission denied"));
}

}  // namespace
}  // namespace hvsec::manifest
