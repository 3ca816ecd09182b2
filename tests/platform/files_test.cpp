#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <pwd.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/platform/actor.hpp"
#include "src/platform/durable_file.hpp"
#include "src/platform/paths.hpp"
#include "src/platform/run_id.hpp"
#include "src/platform/secret_file.hpp"

namespace hvsec::test {
namespace {

namespace fs = std::filesystem;
using platform::Environment;
using platform::read_secret;
using platform::state_folder;
using testing::HasSubstr;
using testing::Not;

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = testing::TempDir() + "hvsec_files_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FilesTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    chmod(path.c_str(), mode);
    return path;
  }
  static std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string read(const std::string& path) {
    const auto reading = read_secret({.file = path, .environment = ""}, environment({}));
    return reading ? reading->text : "error: " + reading.error().detail;
  }

  std::string folder_;
};

TEST_F(FilesTest, APasswordLosesOneLineBreakAtItsEnd) {
  EXPECT_EQ(read(file("a", "s3cret\n")), "s3cret");
  EXPECT_EQ(read(file("b", "s3cret\r\n")), "s3cret");
  EXPECT_EQ(read(file("c", "s3cret")), "s3cret");
  EXPECT_EQ(read(file("d", " s3\ncret \n\n")), " s3\ncret \n");
}

TEST_F(FilesTest, WhatIsNoPasswordIsRefusedWithoutShowingIt) {
  EXPECT_EQ(read(file("long", std::string(4096, 'x') + "\n")), std::string(4096, 'x'));
  EXPECT_THAT(read(file("longer", std::string(4097, 'x'))), HasSubstr("more than 4096 bytes"));
  EXPECT_THAT(read(file("huge", std::string(1 << 20, 'x'))), Not(HasSubstr("xxx")));
  EXPECT_THAT(read(file("empty", "\n")), HasSubstr("is empty"));
  EXPECT_THAT(read(file("nul", std::string("s3\0cret", 7))), HasSubstr("NUL"));
  EXPECT_THAT(read(file("nul", std::string("s3\0cret", 7))), Not(HasSubstr("cret")));
}

TEST_F(FilesTest, AFileThatCannotBeReadIsNamed) {
  EXPECT_THAT(read(folder_ + "/none"), HasSubstr(folder_ + "/none cannot be read: No such file"));
  EXPECT_THAT(read(folder_), HasSubstr("Is a directory"));
}

// Nobody writes to the pipe: reading it must not hold up the run.
TEST_F(FilesTest, APipeWithoutAWriterIsEmpty) {
  const std::string path = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(read(path), HasSubstr("is empty"));
}

TEST_F(FilesTest, AFileThatEveryoneCanReadIsUsedWithAWarning) {
  const auto open =
      read_secret({.file = file("open", "s3cret", 0644), .environment = ""}, environment({}));
  ASSERT_TRUE(open);
  EXPECT_THAT(open->warning, HasSubstr("chmod o-r"));
  EXPECT_THAT(open->warning, Not(HasSubstr("s3cret")));
  const auto closed =
      read_secret({.file = file("closed", "s3cret", 0640), .environment = ""}, environment({}));
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->warning, "");
}

TEST(SecretTest, AVariableHoldsTheSecretOrIsNamed) {
  const SecretSource source{.file = "", .environment = "HV_PASSWORD"};
  const auto found = read_secret(source, environment({{"HV_PASSWORD", "s3cret"}}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, "s3cret");
  const auto missing = read_secret(source, environment({}));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().detail, HasSubstr("HV_PASSWORD"));
  EXPECT_FALSE(read_secret(source, environment({{"HV_PASSWORD", ""}})));
}

struct StateCase {
  const char* name;
  std::map<std::string, std::string> variables;
  bool root;
  std::string folder;  // Empty: an error.
};

class StateFolderTest : public testing::TestWithParam<StateCase> {};

TEST_P(StateFolderTest, IsWhereTheBaseDirectorySpecificationSays) {
  const auto folder = state_folder(environment(GetParam().variables), GetParam().root);
  EXPECT_EQ(folder ? *folder : "", GetParam().folder);
}

INSTANTIATE_TEST_SUITE_P(
    , StateFolderTest,
    testing::Values(
        StateCase{"Root", {{"HOME", "/root"}, {"XDG_STATE_HOME", "/s"}}, true, "/var/lib/hvsec"},
        StateCase{"StateHome", {{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}, false, "/s/hvsec"},
        StateCase{"Home", {{"HOME", "/h"}}, false, "/h/.local/state/hvsec"},
        StateCase{"RelativeStateHomeIsIgnored",
                  {{"HOME", "/h"}, {"XDG_STATE_HOME", "s"}},
                  false,
                  "/h/.local/state/hvsec"},
        StateCase{"EmptyHome", {{"HOME", ""}}, false, ""}, StateCase{"Nothing", {}, false, ""}),
    [](const auto& test) { return test.param.name; });

TEST_F(FilesTest, ADurableFileReplacesWhatWasThereAndLeavesNothingElse) {
  const std::string path = file("report.json", "old");
  ASSERT_TRUE(platform::write_durably(path, "new"));
  EXPECT_EQ(content(path), "new");
  ASSERT_TRUE(platform::write_durably(folder_ + "/big", std::string(1 << 20, 'x')));
  EXPECT_EQ(content(folder_ + "/big").size(), 1U << 20);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
}

TEST_F(FilesTest, ADurableFileHasTheRightsOfAnyNewFile) {
  const mode_t before = umask(027);
  ASSERT_TRUE(platform::write_durably(folder_ + "/report", "x"));
  umask(before);
  struct stat facts{};
  ASSERT_EQ(stat((folder_ + "/report").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0640U);
}

TEST_F(FilesTest, ADurableFileThatCannotBeWrittenIsNamedAndLeavesNothing) {
  const auto missing = platform::write_durably(folder_ + "/none/report", "x");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().detail, HasSubstr(folder_ + "/none/report cannot be written"));
  fs::create_directory(folder_ + "/folder");
  EXPECT_FALSE(platform::write_durably(folder_ + "/folder", "x"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST(ActorTest, IsAUserOnAMachine) {
  std::array<char, 256> machine{};
  ASSERT_EQ(gethostname(machine.data(), machine.size() - 1), 0);
  const passwd* user = getpwuid(getuid());
  const std::string who = user == nullptr ? std::to_string(getuid()) : user->pw_name;
  EXPECT_EQ(platform::actor(), who + "@" + machine.data());
}

TEST(RunIdTest, SortsByTimeAndIsNeverTheSame) {
  const WallTime now{std::chrono::seconds(1'795'376'859)};
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(platform::unique_run_id(now));
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(seen.begin()->substr(0, 17), "20261122T194739Z-");
  EXPECT_EQ(seen.begin()->size(), 29U);
}

}  // namespace
}  // namespace hvsec::test
