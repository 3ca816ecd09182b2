#include "src/source/git_source.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/remote.hpp"

namespace hvsec::source::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class GitSourceTest : public RemoteTest {};

// One entry of a tree, as git stores it.
std::string entry(const std::string& mode_and_name, const std::string& id) {
  std::string bytes = mode_and_name + '\0';
  for (std::size_t i = 0; i < id.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::size_t count(const fs::path& parent) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(parent), fs::directory_iterator()));
}

TEST_F(GitSourceTest, GivesTheBranchOfTheRemotesHead) {
  const std::string commit = push("prod/a.yaml", "one");
  const auto snapshot = fetch(*make());
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ(content(*snapshot, "prod/a.yaml"), "one");
  EXPECT_THAT(snapshot->note, IsEmpty());
  ASSERT_TRUE(snapshot->revision);
  EXPECT_EQ(snapshot->revision->commit, commit);
  EXPECT_EQ(snapshot->revision->remote, (folder / "remote.git").string());
  EXPECT_FALSE(snapshot->revision->dirty);
  EXPECT_EQ(fs::path(snapshot->paths.at(0)), snapshot->revision->folder);
}

TEST_F(GitSourceTest, FollowsWhatIsPushed) {
  push("a.yaml", "one");
  const auto source = make();
  const auto first = fetch(*source);
  const std::string commit = push("a.yaml", "two");
  const auto second = fetch(*source);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(content(*second, "a.yaml"), "two");
  EXPECT_EQ(second->revision->commit, commit);
  EXPECT_THAT(second->note, IsEmpty());
  EXPECT_EQ(content(*first, "a.yaml"), "one") << "somebody may still read it";
}

TEST_F(GitSourceTest, GivesTheSamePathsWhileNothingIsPushed) {
  push("a.yaml", "one");
  const auto source = make();
  const auto first = fetch(*source);
  const auto second = fetch(*source);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->paths, second->paths);
  EXPECT_EQ(first->keep, second->keep);
}

TEST_F(GitSourceTest, RemovesACheckoutThatNobodyHolds) {
  push("a.yaml", "one");
  const auto source = make();
  auto first = fetch(*source);
  push("a.yaml", "two");
  const auto second = fetch(*source);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(count(state() / "checkouts"), 2u);
  const std::string path = first->paths.at(0);
  first->keep.reset();
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(content(*second, "a.yaml"), "two");
}

TEST_F(GitSourceTest, LeavesAloneWhatASnapshotOfAnEarlierSourceHolds) {
  push("a.yaml", "one");
  const auto first = fetch(*make());
  fs::create_directories(state() / "checkouts/of-a-killed-process/x");
  const auto second = fetch(*make());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->paths, second->paths);
  EXPECT_EQ(content(*first, "a.yaml"), "one");
  EXPECT_EQ(content(*second, "a.yaml"), "one");
  EXPECT_EQ(count(state() / "checkouts"), 2u);
}

TEST_F(GitSourceTest, GivesAFolderOrFileOfTheTree) {
  push("prod/a.yaml", "one");
  push("lab/a.yaml", "two");
  auto of_folder = options();
  of_folder.path = "./prod/";
  const auto in_folder = fetch(*make(of_folder));
  ASSERT_TRUE(in_folder);
  EXPECT_EQ(content(*in_folder, "a.yaml"), "one");
  EXPECT_THAT(in_folder->paths.at(0), testing::EndsWith("/prod"));
  EXPECT_FALSE(fs::exists(fs::path(in_folder->revision->folder) / "lab"));
  auto of_file = options();
  of_file.path = "lab/a.yaml";
  const auto file = fetch(*make(of_file));
  ASSERT_TRUE(file);
  EXPECT_EQ(content(*file), "two");
}

TEST_F(GitSourceTest, SaysThatThePathIsMissing) {
  push("prod/a.yaml", "one");
  for (const char* const path : {"lab", "prod/b.yaml", "prod/a.yaml/x", "prod/.git"}) {
    auto wanted = options();
    wanted.path = path;
    EXPECT_THAT(refusal(*make(wanted)), HasSubstr(std::string("has no ") + path));
  }
}

TEST_F(GitSourceTest, FollowsTheNamedBranchAndSaysWhenItIsGone) {
  push("a.yaml", "one");
  folder.git("checkout -q -b next", "work");
  const std::string commit = push("a.yaml", "two");
  auto wanted = options();
  wanted.branch = "next";
  const auto source = make(wanted);
  const auto snapshot = fetch(*source);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->revision->commit, commit);
  EXPECT_THAT(source->name(), testing::EndsWith("remote.git, branch next"));
  folder.git("push -q origin --delete next", "work");
  EXPECT_THAT(refusal(*source), HasSubstr("has no branch next"));
  EXPECT_EQ(content(*snapshot, "a.yaml"), "two");
}

TEST_F(GitSourceTest, FollowsARewrittenBranchAndSaysSo) {
  push("a.yaml", "one");
  const std::string before = push("a.yaml", "two");
  const auto source = make();
  ASSERT_TRUE(fetch(*source));
  folder.git("reset -q --hard HEAD~1", "work");
  folder.write("work/a.yaml", "three");
  const std::string after = folder.commit_all("work");
  folder.git("push -q -f origin HEAD", "work");
  const auto snapshot = fetch(*source);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(content(*snapshot, "a.yaml"), "three");
  EXPECT_THAT(snapshot->note, AllOf(HasSubstr("rewritten"), HasSubstr(before), HasSubstr(after)));
  EXPECT_THAT(fetch(*source)->note, IsEmpty());
}

TEST_F(GitSourceTest, FollowsABranchThatIsPutBack) {
  const std::string first = push("a.yaml", "one");
  push("a.yaml", "two");
  const auto source = make();
  const auto held = fetch(*source);
  folder.git("push -q -f origin HEAD~1:" + folder.git("symbolic-ref HEAD", "work"), "work");
  const auto snapshot = fetch(*source);
  ASSERT_TRUE(held && snapshot);
  EXPECT_EQ(snapshot->revision->commit, first);
  EXPECT_THAT(snapshot->note, HasSubstr("rewritten"));
}

TEST_F(GitSourceTest, SaysThatTheRemoteIsEmptyOrNotThere) {
  EXPECT_THAT(refusal(*make()), HasSubstr("is empty"));
  auto wanted = options();
  wanted.url = (folder / "nowhere.git").string();
  EXPECT_THAT(refusal(*make(wanted), ErrorKind::transient), HasSubstr("nowhere.git"));
}

TEST_F(GitSourceTest, StartsFromWhatIsKeptWithoutTheRemote) {
  const std::string commit = push("a.yaml", "one");
  EXPECT_EQ(world.finish(make()->kept())->has_value(), false);
  const auto good = fetch(*make());
  ASSERT_TRUE(good);
  EXPECT_EQ(world.finish(make()->kept())->has_value(), false) << "nobody said that it is good";
  keep(*make(), *good);
  push("a.yaml", "two");
  ASSERT_TRUE(fetch(*make()));
  fs::rename(folder / "remote.git", folder / "away.git");
  const auto source = make();
  refusal(*source, ErrorKind::transient);
  const auto kept = world.finish(source->kept());
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->revision->commit, commit);
  EXPECT_EQ(content(**kept, "a.yaml"), "one");
  auto other = options();
  other.branch = "next";
  EXPECT_EQ(world.finish(make(other)->kept())->has_value(), false);
}

TEST_F(GitSourceTest, FetchesAnewWhatIsDamaged) {
  push("a.yaml", std::string(5000, 'a'));
  for (const char* const damage : {
           "find objects -type f -exec sh -c 'chmod u+w \"$1\"; : >\"$1\"' _ {} \\;",
           "rm -rf objects/pack/* objects/??",
           "echo broken >HEAD",
           "rm -rf refs HEAD config",
       }) {
    ASSERT_TRUE(fetch(*make()));
    const std::string command =
        "cd '" + (state() / "mirror.git").string() + "' && " + std::string(damage);
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto healed = fetch(*make());
    ASSERT_TRUE(healed) << damage << ": " << healed.error().detail;
    EXPECT_EQ(content(*healed, "a.yaml").size(), 5000u) << damage;
  }
}

TEST_F(GitSourceTest, FetchesAnewOnceThereAreManyPacks) {
  auto wanted = options();
  wanted.limits.packs = 3;
  const auto source = make(wanted);
  for (int i = 0; i < 8; ++i) {
    push("a.yaml", std::to_string(i));
    const auto snapshot = fetch(*source);
    ASSERT_TRUE(snapshot) << snapshot.error().detail;
    EXPECT_EQ(content(*snapshot, "a.yaml"), std::to_string(i));
    EXPECT_LE(count(state() / "mirror.git/objects/pack"), 10u);
  }
  EXPECT_FALSE(fs::exists(state() / "mirror.new"));
}

TEST_F(GitSourceTest, KeepsWhatWasKeptHoweverManyPacks) {
  auto wanted = options();
  wanted.limits.packs = 1;
  const std::string commit = push("a.yaml", "one");
  const auto source = make(wanted);
  const auto good = fetch(*source);
  ASSERT_TRUE(good);
  keep(*source, *good);
  for (int i = 0; i < 4; ++i) {
    push("a.yaml", std::to_string(i));
    ASSERT_TRUE(fetch(*source));
  }
  fs::rename(folder / "remote.git", folder / "away.git");
  refusal(*source, ErrorKind::transient);
  const auto kept = world.finish(make(wanted)->kept());
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->revision->commit, commit);
}

TEST_F(GitSourceTest, RefusesWhatIsTooLarge) {
  push("x/y/z/a.yaml", std::string(2000, 'a'));
  push("x/b.yaml", std::string(2000, 'b'));
  auto file = options();
  file.limits.file_bytes = 1999;
  EXPECT_THAT(refusal(*make(file)), HasSubstr("is larger than 1999 bytes"));
  auto total = options();
  total.limits.total_bytes = 3999;
  EXPECT_THAT(refusal(*make(total)), HasSubstr("more than 3999 bytes together"));
  auto files = options();
  files.limits.files = 4;
  EXPECT_THAT(refusal(*make(files)), HasSubstr("more than 4 files"));
  auto depth = options();
  depth.limits.depth = 2;
  EXPECT_THAT(refusal(*make(depth)), HasSubstr("x/y/z lies more than 2 folders deep"));
  EXPECT_TRUE(fetch(*make()));
  // The thread of the last fetch may hold the source a moment longer.
  world.run_until([&] { return count(state() / "checkouts") == 0; });
}

TEST_F(GitSourceTest, RefusesToReceiveTooMuch) {
  push("a.yaml", "one");
  auto objects = options();
  objects.limits.objects = 2;
  EXPECT_THAT(refusal(*make(objects)), HasSubstr("sends more than is taken at once"));
}

TEST_F(GitSourceTest, WritesLinksThatStayWithin) {
  folder.write("work/prod/a.yaml", "one");
  fs::create_directories(folder / "work/prod/sub");
  fs::create_symlink("../a.yaml", folder / "work/prod/sub/link.yaml");
  push_all();
  auto wanted = options();
  wanted.path = "prod";
  const auto snapshot = fetch(*make(wanted));
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ(content(*snapshot, "sub/link.yaml"), "one");
}

TEST_F(GitSourceTest, RefusesLinksThatLeave) {
  for (const char* const target : {"/etc/passwd", "../base", "..", "sub/../../base/b.yaml"}) {
    folder.write("work/prod/a.yaml", "one");
    fs::remove(folder / "work/prod/link");
    fs::create_symlink(target, folder / "work/prod/link");
    push_all();
    auto wanted = options();
    wanted.path = "prod";
    EXPECT_THAT(refusal(*make(wanted)),
                HasSubstr("prod/link is a symbolic link to a place outside"));
  }
}

TEST_F(GitSourceTest, RefusesASubmodule) {
  const std::string commit = push("prod/a.yaml", "one");
  folder.git("update-index --add --cacheinfo 160000," + commit + ",prod/sub", "work");
  folder.git("commit -q -m submodule", "work");
  folder.git("push -q origin HEAD", "work");
  EXPECT_THAT(refusal(*make()), HasSubstr("prod/sub is a submodule"));
}

TEST_F(GitSourceTest, WritesBytesAsTheyAreAndNothingExecutable) {
  folder.write("work/.gitattributes", "* text eol=crlf ident filter=lfs\n");
  folder.write("work/a.yaml", "one\n$Id$\n");
  fs::permissions(folder / "work/a.yaml", fs::perms::owner_all);
  push_all();
  const auto snapshot = fetch(*make());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(content(*snapshot, "a.yaml"), "one\n$Id$\n");
  struct stat facts{};
  ASSERT_EQ(stat((fs::path(snapshot->paths.at(0)) / "a.yaml").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

// Two entries of one name: a link out, and a folder that would be written through it.
TEST_F(GitSourceTest, NeverWritesThroughALinkOfAForgedTree) {
  push("a.yaml", "one");
  const std::string tree = folder.git("rev-parse HEAD:", "work");
  folder.write("target", "../..");
  const std::string link = folder.git("hash-object -w ../target", "work");
  folder.write("target", "sub");
  const std::string within = folder.git("hash-object -w ../target", "work");
  for (const std::string& target : {link, within}) {
    folder.write("tree", entry("120000 x", target) + entry("40000 x", tree));
    const std::string forged = folder.git("hash-object -t tree -w --literally ../tree", "work");
    const std::string commit = folder.git("commit-tree -m forged " + forged, "work");
    folder.git("push -q -f origin " + commit + ":" + folder.git("symbolic-ref HEAD", "work"),
               "work");
    EXPECT_THAT(refusal(*make()), testing::AnyOf(HasSubstr("x cannot be checked out"),
                                                 HasSubstr("x is a symbolic link")));
    EXPECT_FALSE(fs::exists(state() / "a.yaml"));
  }
}

TEST_F(GitSourceTest, RefusesNamesThatLeadOut) {
  push("a.yaml", "one");
  const std::string blob = folder.git("rev-parse HEAD:a.yaml", "work");
  for (const char* const name : {"..", ".", "../x", "/x"}) {
    folder.write("tree", entry(std::string("100644 ") + name, blob));
    const std::string forged = folder.git("hash-object -t tree -w --literally ../tree", "work");
    const std::string commit = folder.git("commit-tree -m forged " + forged, "work");
    folder.git("push -q -f origin " + commit + ":" + folder.git("symbolic-ref HEAD", "work"),
               "work");
    EXPECT_THAT(refusal(*make()), HasSubstr("has a name that no file can have"));
  }
}

TEST_F(GitSourceTest, AsksAgainEveryPollOfTheClock) {
  auto wanted = options();
  wanted.poll = 90s;
  const auto source = make(wanted);
  const Instant begin = world.clock.now();
  const auto waiting = world.begin_to_wait(*source);
  EXPECT_FALSE(waiting->result);
  ASSERT_TRUE(world.clock.advance_to_next());
  world.settle();
  EXPECT_TRUE(waiting->result);
  EXPECT_EQ(world.clock.now() - begin, 90s);
}

TEST_F(GitSourceTest, GivesUpWhenCancelled) {
  push("a.yaml", "one");
  const auto source = make();
  const auto begun = world.begin(source->fetch());
  begun->cancel.emit(boost::asio::cancellation_type::terminal);
  world.run_until([&] { return begun->result.has_value(); });
  EXPECT_EQ(begun->result->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(fetch(*source)) << "the next one waits until it is over";
}

struct BadOptions {
  const char* name;
  void (*change)(GitOptions& options);
  const char* says;
  friend void PrintTo(const BadOptions& c, std::ostream* out) { *out << c.name; }
};

const BadOptions bad_options[] = {
    {"PathThatLeaves", [](auto& o) { o.path = "a/../../b"; }, "has to lie within it"},
    {"AbsolutePath", [](auto& o) { o.path = "/etc"; }, "has to lie within it"},
    {"ImpossibleBranch", [](auto& o) { o.branch = "a..b"; }, "git allows no branch"},
    {"TokenForADisk", [](auto& o) { o.token_file = "t"; }, "over https only"},
    {"SshWithoutKey", [](auto& o) { o.url = "ssh://h/x"; }, "needs a private key file"},
    {"SshWithoutKnownHosts",
     [](auto& o) {
       o.url = "ssh://h/x";
       o.ssh_key_file = "k";
     },
     "needs a known hosts file"},
    {"KeyForHttps",
     [](auto& o) {
       o.url = "https://h/x";
       o.ssh_key_file = "k";
     },
     "over ssh only"},
    {"NoStateFolder", [](auto& o) { o.state_folder = ""; }, "needs a folder"},
};

class BadOptionsTest : public RemoteTest, public testing::WithParamInterface<BadOptions> {};

TEST_P(BadOptionsTest, AreRefused) {
  auto wanted = options();
  GetParam().change(wanted);
  const auto made = make_git_source(world.context.get_executor(), world.clock, wanted);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::invalid);
  EXPECT_THAT(made.error().detail, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(, BadOptionsTest, testing::ValuesIn(bad_options),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::source::test
