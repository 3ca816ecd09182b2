#include "src/source/folder_source.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/revision/git_folder.hpp"
#include "tests/source/world.hpp"

namespace hvsec::source::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using revision::test::GitFolder;

class FolderSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> watch(const std::string& path, FolderOptions options = {}) {
    options.warn = [this](const std::string& sentence) { warnings.push_back(sentence); };
    auto source = make_folder_source(world.context.get_executor(), world.clock,
                                     {(folder / path).string()}, std::move(options));
    EXPECT_TRUE(world.finish(source->fetch()));
    return source;
  }

  bool is_noticed(Source& source, const std::function<void(const GitFolder&)>& change) {
    const auto waiting = world.begin_to_wait(source);
    EXPECT_FALSE(waiting->result) << "nothing has happened yet";
    change(folder);
    world.settle();
    EXPECT_FALSE(waiting->result) << "it may not be over yet";
    if (!world.clock.advance_to_next()) {
      waiting->cancel.emit(boost::asio::cancellation_type::terminal);
      world.settle();
      return false;
    }
    world.settle();
    return waiting->result.has_value();
  }

  GitFolder folder;
  World world;
  std::vector<std::string> warnings;
};

void replace(const fs::path& file, const std::string& text) {
  const fs::path made = file.parent_path() / "4913~";
  std::ofstream(made) << text;
  fs::rename(made, file);
}

void swap_link(const fs::path& link, const std::string& target) {
  const fs::path made = link.parent_path() / "..tmp";
  fs::create_symlink(target, made);
  fs::rename(made, link);
}

void make_config_map(const GitFolder& folder) {
  fs::remove(folder / "all/a.yaml");
  folder.write("all/..2024_1/a.yaml", "1");
  folder.write("all/..2024_2/a.yaml", "2");
  fs::create_symlink("..2024_1", folder / "all/..data");
  fs::create_symlink("..data/a.yaml", folder / "all/a.yaml");
}

struct Case {
  const char* name;
  std::string path;
  std::function<void(const GitFolder&)> before;
  std::function<void(const GitFolder&)> change;
  bool is_noticed = true;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

void nothing(const GitFolder& /*folder*/) {}

const Case cases[] = {
    {"FileChanged", "all", nothing, [](auto& f) { f.write("all/a.yaml", "new"); }},
    {"FileAdded", "all", nothing, [](auto& f) { f.write("all/b.yaml", "new"); }},
    {"FileRemoved", "all", nothing, [](auto& f) { fs::remove(f / "all/a.yaml"); }},
    {"FileReplaced", "all", nothing, [](auto& f) { replace(f / "all/a.yaml", "new"); }},
    {"FileMadeUnreadable", "all", nothing,
     [](auto& f) { fs::permissions(f / "all/a.yaml", fs::perms::none); }},
    {"FileChangedDeepBelow", "all", [](auto& f) { f.write("all/x/y/z.yaml", "old"); },
     [](auto& f) { f.write("all/x/y/z.yaml", "new"); }},
    {"FolderAdded", "all", nothing, [](auto& f) { f.write("all/new/b.yaml", "new"); }},
    {"FolderMovedIn", "all", [](auto& f) { f.write("else/b.yaml", "old"); },
     [](auto& f) { fs::rename(f / "else", f / "all/else"); }},
    {"FolderRemoved", "all", nothing, [](auto& f) { fs::remove_all(f / "all"); }},
    {"FolderThatWasMissing", "late", nothing, [](auto& f) { f.write("late/b.yaml", "new"); }},
    {"FolderReplacedAbove", "above/all", [](auto& f) { f.write("above/all/a.yaml", "old"); },
     [](auto& f) { fs::rename(f / "above", f / "elsewhere"); }},
    {"FolderBehindALink", "all",
     [](auto& f) {
       f.write("all/.real/b.yaml", "old");
       fs::create_symlink(".real", f / "all/link");
     },
     [](auto& f) { f.write("all/.real/b.yaml", "new"); }},
    {"FileBehindALink", "all",
     [](auto& f) {
       f.write("all/.real/b.yaml", "old");
       fs::create_symlink(".real/b.yaml", f / "all/b.yaml");
     },
     [](auto& f) { f.write("all/.real/b.yaml", "new"); }},
    {"ConfigMap", "all", make_config_map, [](auto& f) { swap_link(f / "all/..data", "..2024_2"); }},
    {"FileOfAConfigMap", "all/a.yaml", make_config_map,
     [](auto& f) { swap_link(f / "all/..data", "..2024_2"); }},
    {"LinkThatIsGiven", "current", [](auto& f) { fs::create_symlink("all", f / "current"); },
     [](auto& f) { swap_link(f / "current", "nowhere"); }},
    {"OneFileChanged", "all/a.yaml", nothing, [](auto& f) { f.write("all/a.yaml", "new"); }},
    {"OneFileReplaced", "all/a.yaml", nothing, [](auto& f) { replace(f / "all/a.yaml", "new"); }},
    {"NeighbourOfOneFile", "all/a.yaml", nothing, [](auto& f) { f.write("all/b.yaml", "new"); },
     false},
    {"NeighbourOfTheFolder", "all", nothing, [](auto& f) { f.write("else/b.yaml", "new"); }, false},
    {"HiddenFolder", "all", [](auto& f) { f.write("all/.git/index", "old"); },
     [](auto& f) { f.write("all/.git/index", "new"); }, false},
};

class ChangeTest : public FolderSourceTest, public testing::WithParamInterface<Case> {};

TEST_P(ChangeTest, IsNoticedWhenItMatters) {
  const Case& c = GetParam();
  folder.write("all/a.yaml", "old");
  c.before(folder);
  const auto source = watch(c.path);
  EXPECT_EQ(is_noticed(*source, c.change), c.is_noticed);
  EXPECT_THAT(warnings, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, ChangeTest, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(FolderSourceTest, GivesThePathsAsTheyAre) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all");
  const auto snapshot = world.finish(source->fetch());
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(snapshot->paths, testing::ElementsAre((folder / "all").string()));
  EXPECT_FALSE(snapshot->revision);
  EXPECT_EQ(source->name(), (folder / "all").string());
}

TEST_F(FolderSourceTest, WaitsUntilNothingHappensAnyMore) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all", {.debounce = 500ms, .longest_wait = 10s});
  const auto waiting = world.begin_to_wait(*source);
  const Instant begin = world.clock.now();
  folder.write("all/a.yaml", "1");
  world.settle();
  folder.write("all/a.yaml", "2");
  world.settle();
  EXPECT_FALSE(waiting->result);
  ASSERT_TRUE(world.clock.advance_to_next());
  world.settle();
  EXPECT_TRUE(waiting->result);
  EXPECT_EQ(world.clock.now() - begin, 500ms);
}

TEST_F(FolderSourceTest, HoldsNoChangeBackForEver) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all", {.debounce = 3s, .longest_wait = 10s});
  const auto waiting = world.begin_to_wait(*source);
  const Instant begin = world.clock.now();
  for (int i = 0; i < 100 && !waiting->result; ++i) {
    // Another one comes two seconds after each.
    const auto pause = world.begin(world.clock.sleep_for(2s));
    folder.write("all/a.yaml", std::to_string(i));
    world.settle();
    while (!pause->result && world.clock.advance_to_next()) world.settle();
  }
  EXPECT_TRUE(waiting->result);
  EXPECT_LE(world.clock.now() - begin, 12s);
  EXPECT_GE(world.clock.now() - begin, 10s);
}

TEST_F(FolderSourceTest, NoticesWhatCameBetweenReadingAndWaiting) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all");
  folder.write("all/a.yaml", "new");
  const auto waiting = world.begin_to_wait(*source);
  ASSERT_TRUE(world.clock.advance_to_next());
  world.settle();
  EXPECT_TRUE(waiting->result);
}

TEST_F(FolderSourceTest, NoticesAFolderThatIsRemovedAndComesBack) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all");
  EXPECT_TRUE(is_noticed(*source, [](auto& f) { fs::remove_all(f / "all"); }));
  EXPECT_TRUE(world.finish(source->fetch()));
  EXPECT_TRUE(is_noticed(*source, [](auto& f) { f.write("all/a.yaml", "back"); }));
  EXPECT_TRUE(world.finish(source->fetch()));
  EXPECT_TRUE(is_noticed(*source, [](auto& f) { f.write("all/a.yaml", "newer"); }));
}

TEST_F(FolderSourceTest, NoticesASecondChangeInANewFolder) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all");
  EXPECT_TRUE(is_noticed(*source, [](auto& f) { f.write("all/new/b.yaml", "1"); }));
  EXPECT_TRUE(world.finish(source->fetch()));
  EXPECT_TRUE(is_noticed(*source, [](auto& f) { f.write("all/new/b.yaml", "2"); }));
}

// The kernel keeps so many notices, and drops the one that matters.
TEST_F(FolderSourceTest, TakesLostNoticesForAChange) {
  std::size_t kept = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
  if (kept == 0 || kept > 100'000) GTEST_SKIP() << "too many to fill: " << kept;
  folder.write("all/a.yaml", "old");
  folder.write("all/b.yaml", "old");
  folder.write("all/c.yaml", "old");
  const auto source = watch("all/a.yaml");
  EXPECT_TRUE(is_noticed(*source, [kept](auto& f) {
    for (std::size_t i = 0; i < kept / 2 + 1; ++i)
      for (const char* const neighbour : {"all/b.yaml", "all/c.yaml"})
        fs::permissions(f / neighbour, fs::perms::owner_all);
    f.write("all/a.yaml", "new");
  }));
}

TEST_F(FolderSourceTest, ReadsAnewNowAndThenWhatCannotBeWatched) {
  folder.write("all/x/a.yaml", "old");
  const auto source = watch("all", {.poll = 30s, .most_folders = 1});
  const Instant begin = world.clock.now();
  for (int i = 0; i < 3; ++i) {
    const auto waiting = world.begin_to_wait(*source);
    EXPECT_FALSE(waiting->result);
    ASSERT_TRUE(world.clock.advance_to_next());
    world.settle();
    EXPECT_TRUE(waiting->result);
    EXPECT_TRUE(world.finish(source->fetch()));
  }
  EXPECT_EQ(world.clock.now() - begin, 90s);
  EXPECT_THAT(warnings,
              testing::ElementsAre(testing::AllOf(testing::HasSubstr("read every 30 s"),
                                                  testing::HasSubstr("more than 1 folders"))));
}

TEST_F(FolderSourceTest, ReturnsWhenCancelled) {
  folder.write("all/a.yaml", "old");
  const auto source = watch("all");
  const auto waiting = world.begin_to_wait(*source);
  waiting->cancel.emit(boost::asio::cancellation_type::terminal);
  world.settle();
  EXPECT_TRUE(waiting->result);
}

}  // namespace
}  // namespace hvsec::source::test
