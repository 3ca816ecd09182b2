#include "src/revision/revisions.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/revision/git_folder.hpp"

namespace hvsec::revision::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Revision only(const Revisions& found) {
  EXPECT_EQ(found.revisions.size(), 1U);
  EXPECT_THAT(found.warnings, IsEmpty());
  return found.revisions.empty() ? Revision() : found.revisions.front();
}

TEST(RevisionsTest, ManifestsInNoWorkTreeHaveNone) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  EXPECT_THAT(read_revisions(folder.read_of()).revisions, IsEmpty());
  EXPECT_THAT(read_revisions(Read()).revisions, IsEmpty());
}

TEST(RevisionsTest, ACleanWorkTreeTellsItsCommit) {
  const GitFolder folder;
  folder.write("top/site/a.yaml", "a");
  folder.write("top/other/b.yaml", "b");
  const std::string commit = folder.commit_all("top");
  const Revision expected{
      .folder = (folder / "top").string(), .commit = commit, .dirty = false, .remote = ""};
  EXPECT_EQ(only(read_revisions(folder.read_of("top"))), expected);
  EXPECT_EQ(only(read_revisions(folder.read_of("top/site"))), expected);
}

struct DirtyCase {
  const char* name;
  std::function<void(const GitFolder&)> change;
  bool dirty;
};

class DirtyTest : public testing::TestWithParam<DirtyCase> {};

// What counts is whether what was read is what the commit has, not what git's index thinks of it.
TEST_P(DirtyTest, IsWhatWasReadOtherwiseThanCommitted) {
  const GitFolder folder;
  folder.write("site/a.yaml", "a\n");
  folder.write("site/b.yaml", "b\n");
  folder.write("site/deep/c.yaml", "c\n");
  folder.write("site/notes.txt", "n\n");
  folder.write("site/.hidden/d.yaml", "d\n");
  folder.write("other/e.yaml", "e\n");
  folder.write(".gitignore", "ignored*\n");
  fs::create_symlink("deep/c.yaml", folder / "site/link.yaml");
  const std::string commit = folder.commit_all();
  GetParam().change(folder);
  const Revision found = only(read_revisions(folder.read_of("site")));
  EXPECT_EQ(found.commit, commit);
  EXPECT_EQ(found.dirty, GetParam().dirty);
}

INSTANTIATE_TEST_SUITE_P(
    , DirtyTest,
    testing::Values(
        DirtyCase{"Nothing", [](const GitFolder&) {}, false},
        DirtyCase{"Modified", [](const GitFolder& f) { f.write("site/a.yaml", "A\n"); }, true},
        DirtyCase{"Staged",
                  [](const GitFolder& f) {
                    f.write("site/a.yaml", "A\n");
                    f.git("add site/a.yaml");
                  },
                  true},
        DirtyCase{"StagedAndPutBack",
                  [](const GitFolder& f) {
                    f.write("site/a.yaml", "A\n");
                    f.git("add site/a.yaml");
                    f.write("site/a.yaml", "a\n");
                  },
                  false},
        DirtyCase{"Untracked", [](const GitFolder& f) { f.write("site/n.yaml", "n\n"); }, true},
        DirtyCase{"UntrackedFolder", [](const GitFolder& f) { f.write("site/n/n.yaml", ""); },
                  true},
        DirtyCase{"Ignored", [](const GitFolder& f) { f.write("site/ignored.yaml", "n\n"); }, true},
        DirtyCase{"Deleted", [](const GitFolder& f) { fs::remove(f / "site/b.yaml"); }, true},
        DirtyCase{"FolderDeleted", [](const GitFolder& f) { fs::remove_all(f / "site/deep"); },
                  true},
        DirtyCase{"ReplacedByAFolder",
                  [](const GitFolder& f) {
                    fs::remove(f / "site/b.yaml");
                    fs::create_directory(f / "site/b.yaml");
                  },
                  true},
        DirtyCase{"AssumedUnchanged",
                  [](const GitFolder& f) {
                    f.git("update-index --assume-unchanged site/a.yaml");
                    f.write("site/a.yaml", "A\n");
                  },
                  true},
        DirtyCase{"LinkChanged",
                  [](const GitFolder& f) {
                    fs::remove(f / "site/link.yaml");
                    fs::create_symlink("b.yaml", f / "site/link.yaml");
                  },
                  true},
        DirtyCase{"LinkAdded",
                  [](const GitFolder& f) { fs::create_symlink("notes.txt", f / "site/new.yaml"); },
                  true},
        DirtyCase{"LinkMadeAFile",
                  [](const GitFolder& f) {
                    fs::remove(f / "site/link.yaml");
                    f.write("site/link.yaml", "deep/c.yaml");
                  },
                  true},
        DirtyCase{"OtherFile", [](const GitFolder& f) { f.write("site/notes.txt", "N\n"); }, false},
        DirtyCase{"HiddenFile", [](const GitFolder& f) { f.write("site/.hidden/d.yaml", "D"); },
                  false},
        DirtyCase{"Elsewhere", [](const GitFolder& f) { f.write("other/e.yaml", "E"); }, false},
        DirtyCase{"Executable",
                  [](const GitFolder& f) { fs::permissions(f / "site/a.yaml", fs::perms::all); },
                  false},
        DirtyCase{"LineEndsThatGitConverts",
                  [](const GitFolder& f) {
                    f.git("config core.autocrlf true");
                    f.write("site/a.yaml", "a\r\n");
                  },
                  false}),
    [](const auto& test) { return test.param.name; });

TEST(RevisionsTest, ASingleFileIsComparedAlone) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  folder.write("b.yaml", "b");
  folder.commit_all();
  folder.write("b.yaml", "B");
  Read read = folder.read_of();
  read.folders.clear();
  read.files = {folder / "a.yaml"};
  EXPECT_FALSE(only(read_revisions(read)).dirty);
  read.files = {folder / "b.yaml"};
  EXPECT_TRUE(only(read_revisions(read)).dirty);
}

TEST(RevisionsTest, WithoutACommitYetThereIsNone) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  folder.git("init -q");
  const Revision found = only(read_revisions(folder.read_of()));
  EXPECT_EQ(found.commit, "");
  EXPECT_TRUE(found.dirty);
}

TEST(RevisionsTest, ADetachedHeadIsACommitLikeAnyOther) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  const std::string commit = folder.commit_all();
  folder.git("checkout -q --detach");
  EXPECT_EQ(only(read_revisions(folder.read_of())).commit, commit);
}

TEST(RevisionsTest, EachWorkTreeHasItsOwn) {
  const GitFolder folder;
  folder.write("b/a.yaml", "a");
  folder.write("a/a.yaml", "a");
  const std::string second = folder.commit_all("b");
  const std::string first = folder.commit_all("a");
  Read read = folder.read_of("b");
  read.files.push_back(folder / "a/a.yaml");
  const Revisions found = read_revisions(read);
  ASSERT_EQ(found.revisions.size(), 2U);
  EXPECT_EQ(found.revisions[0].folder, (folder / "a").string());
  EXPECT_EQ(found.revisions[1].folder, (folder / "b").string());
}

TEST(RevisionsTest, ALinkedWorktreeHasItsOwnHead) {
  const GitFolder folder;
  folder.write("main/a.yaml", "a");
  folder.commit_all("main");
  folder.git("worktree add -q ../linked -b side", "main");
  folder.write("linked/b.yaml", "b");
  const std::string commit = folder.commit_all("linked");
  const Revision found = only(read_revisions(folder.read_of("linked")));
  EXPECT_EQ(found.commit, commit);
  EXPECT_EQ(found.folder, (folder / "linked").string());
  EXPECT_FALSE(found.dirty);
}

TEST(RevisionsTest, ASubmoduleIsAWorkTreeOfItsOwn) {
  const GitFolder folder;
  folder.write("library/l.yaml", "l");
  const std::string inner = folder.commit_all("library");
  folder.write("super/s.yaml", "s");
  folder.commit_all("super");
  folder.git("submodule --quiet add ../library lib", "super");
  const std::string outer = folder.commit_all("super");
  const Revisions clean = read_revisions(folder.read_of("super"));
  ASSERT_EQ(clean.revisions.size(), 2U);
  EXPECT_EQ(clean.revisions[0].commit, outer);
  EXPECT_EQ(clean.revisions[1].commit, inner);
  EXPECT_FALSE(clean.revisions[0].dirty);
  EXPECT_FALSE(clean.revisions[1].dirty);

  folder.write("super/lib/l.yaml", "L");
  const std::string moved = folder.commit_all("super/lib");
  const Revisions found = read_revisions(folder.read_of("super"));
  EXPECT_TRUE(found.revisions[0].dirty) << "it asks for another commit of its submodule";
  EXPECT_EQ(found.revisions[1].commit, moved);
  EXPECT_FALSE(found.revisions[1].dirty);
}

TEST(RevisionsTest, ABareRepositoryIsNoWorkTree) {
  const GitFolder folder;
  folder.git("init -q --bare .");
  folder.write("a.yaml", "a");
  EXPECT_THAT(read_revisions(folder.read_of()).revisions, IsEmpty());
  const GitFolder hidden;
  hidden.write("a.yaml", "a");
  hidden.commit_all();
  hidden.git("config core.bare true");
  EXPECT_THAT(read_revisions(hidden.read_of()).revisions, IsEmpty());
}

struct BrokenCase {
  const char* name;
  std::function<void(const GitFolder&)> harm;
};

class BrokenTest : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenTest, IsAWarningAndNoCommit) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  folder.commit_all();
  GetParam().harm(folder);
  const Revisions found = read_revisions(folder.read_of());
  const Revision expected{
      .folder = folder.path().string(), .commit = "", .dirty = true, .remote = ""};
  EXPECT_THAT(found.revisions, ElementsAre(expected));
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_THAT(found.warnings[0], HasSubstr(folder.path().string()));
}

INSTANTIATE_TEST_SUITE_P(
    , BrokenTest,
    testing::Values(
        BrokenCase{"HeadIsGone", [](const GitFolder& f) { fs::remove(f / ".git/HEAD"); }},
        BrokenCase{"HeadIsGarbage", [](const GitFolder& f) { f.write(".git/HEAD", "\x01\x02"); }},
        BrokenCase{"ObjectsAreGone",
                   [](const GitFolder& f) {
                     fs::remove_all(f / ".git/objects");
                     fs::create_directory(f / ".git/objects");
                   }},
        BrokenCase{"ConfigIsGarbage", [](const GitFolder& f) { f.write(".git/config", "[[[\n"); }},
        BrokenCase{"FolderIsEmpty",
                   [](const GitFolder& f) {
                     fs::remove_all(f / ".git");
                     fs::create_directory(f / ".git");
                   }},
        BrokenCase{"FileLeadsNowhere",
                   [](const GitFolder& f) {
                     fs::remove_all(f / ".git");
                     f.write(".git", "gitdir: /nonexistent/repository\n");
                   }},
        BrokenCase{"LinkLeadsNowhere",
                   [](const GitFolder& f) {
                     fs::remove_all(f / ".git");
                     fs::create_symlink("/nonexistent/repository", f / ".git");
                   }},
        BrokenCase{"TreeIsGone",
                   [](const GitFolder& f) {
                     const std::string tree = f.git("rev-parse HEAD^{tree}");
                     fs::remove(f / (".git/objects/" + tree.substr(0, 2) + "/" + tree.substr(2)));
                   }}),
    [](const auto& test) { return test.param.name; });

TEST(RevisionsTest, SomebodyElsesRepositoryIsReadAllTheSame) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const GitFolder folder;
  folder.write("a.yaml", "a");
  const std::string commit = folder.commit_all();
  constexpr uid_t nobody = 65534;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    ASSERT_EQ(lchown(entry.path().c_str(), nobody, nobody), 0);
  ASSERT_EQ(chown(folder.path().c_str(), nobody, nobody), 0);
  EXPECT_EQ(only(read_revisions(folder.read_of())).commit, commit);
}

// A few kilobytes whose tree unfolds to 10^10 entries.
TEST(RevisionsTest, ACommitThatNeverEndsIsGivenUp) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  folder.git("init -q");
  std::string object = folder.git("hash-object -w a.yaml");
  std::string kind = "100644 blob";
  for (int level = 0; level < 10; ++level) {
    std::string lines;
    for (char name = '0'; name <= '9'; ++name) lines += kind + " " + object + "\\t" + name + "\\n";
    object = folder.git("version > /dev/null; printf '" + lines + "' | git mktree");
    kind = "040000 tree";
  }
  const std::string lines = "100644 blob " + folder.git("hash-object a.yaml") + "\\ta.yaml\\n" +
                            "040000 tree " + object + "\\tbomb\\n";
  object = folder.git("version > /dev/null; printf '" + lines + "' | git mktree");
  folder.git("update-ref HEAD $(git -c user.name=T -c user.email=t@e commit-tree -m bomb " +
             object + ")");
  const Revisions found = read_revisions(folder.read_of());
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_THAT(found.warnings[0], HasSubstr("more than 1000000 entries"));
  EXPECT_TRUE(found.revisions.at(0).dirty);
}

TEST(RemoteTest, OfTheUpstreamElseOriginElseTheOnlyOne) {
  const GitFolder folder;
  folder.write("a.yaml", "a");
  folder.commit_all();
  const auto remote = [&] { return only(read_revisions(folder.read_of())).remote; };
  EXPECT_EQ(remote(), "");
  folder.git("remote add mirror https://user:s3cret@mirror.example.com/fleet?token=s3cret");
  EXPECT_EQ(remote(), "https://mirror.example.com/fleet");
  folder.git("remote add backup https://backup.example.com/fleet");
  EXPECT_EQ(remote(), "") << "neither of two is the one";
  folder.git("remote add origin git@git.example.com:ops/fleet.git");
  EXPECT_EQ(remote(), "git.example.com:ops/fleet.git");
  folder.git("config branch.main.remote mirror");
  folder.git("config branch.main.merge refs/heads/main");
  EXPECT_EQ(remote(), "https://mirror.example.com/fleet");
  folder.git("config branch.main.remote .");
  EXPECT_EQ(remote(), "git.example.com:ops/fleet.git");
}

}  // namespace
}  // namespace hvsec::revision::test
