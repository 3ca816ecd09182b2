#include <cstdint>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/program.hpp"
#include "tests/source/remote.hpp"

namespace hvsec::source::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SshTest : public RemoteTest {
 protected:
  [[nodiscard]] GitOptions by_ssh(const std::string& repository = "remote.git") const {
    GitOptions wanted = options();
    wanted.url = "ssh://" + shell("id -un") + "@127.0.0.1:" + server.first_line() +
                 (folder / repository).string();
    wanted.ssh_key_file = (folder / "user").string();
    wanted.known_hosts_file = (folder / "known_hosts").string();
    return wanted;
  }

  [[nodiscard]] std::string fingerprint() const {
    return shell("ssh-keygen -l -E sha256 -f '" + (folder / "host_ed25519.pub").string() +
                 "' | cut -d' ' -f2");
  }

  Program server{"git_sshd.py", {folder.path().string()}};
};

TEST_F(SshTest, FollowsWhatIsPushed) {
  push("a.yaml", "one");
  const auto source = make(by_ssh());
  const auto first = fetch(*source);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(content(*first, "a.yaml"), "one");
  EXPECT_EQ(first->revision->remote,
            "ssh://127.0.0.1:" + server.first_line() + (folder / "remote.git").string());
  push("a.yaml", "two");
  const auto second = fetch(*source);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(content(*second, "a.yaml"), "two");
}

TEST_F(SshTest, FetchesMuch) {
  std::string big;
  for (std::int64_t i = 0; i < 500'000; ++i) big += std::to_string(i * 7919 % 100'003);
  push("a.yaml", big);
  const auto snapshot = fetch(*make(by_ssh()));
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ(content(*snapshot, "a.yaml"), big);
}

TEST_F(SshTest, OpensAnEncryptedKey) {
  push("a.yaml", "one");
  auto wanted = by_ssh();
  wanted.ssh_key_file = (folder / "locked").string();
  folder.write("passphrase", "open sesame\n");
  wanted.ssh_passphrase_file = (folder / "passphrase").string();
  const auto snapshot = fetch(*make(wanted));
  EXPECT_TRUE(snapshot) << snapshot.error().detail;
  folder.write("passphrase", "wrong\n");
  EXPECT_THAT(refusal(*make(wanted)),
              AllOf(HasSubstr((folder / "locked").string()), HasSubstr("cannot be used")));
}

TEST_F(SshTest, SaysThatTheKeyIsRefused) {
  auto wanted = by_ssh();
  wanted.ssh_key_file = (folder / "stranger").string();
  EXPECT_THAT(refusal(*make(wanted)),
              HasSubstr("refuses the ssh key in " + (folder / "stranger").string()));
}

TEST_F(SshTest, RefusesAServerThatIsNotKnown) {
  folder.write("known_hosts", "# nobody\n");
  EXPECT_THAT(refusal(*make(by_ssh())),
              AllOf(HasSubstr("none of it is in"), HasSubstr("SHA256:"), HasSubstr("ssh-keyscan")));
}

TEST_F(SshTest, RefusesAServerThatShowsAnotherKey) {
  const std::string key = content(folder / "stranger.pub");
  folder.write("known_hosts", "[127.0.0.1]:" + server.first_line() + " " + key);
  EXPECT_THAT(refusal(*make(by_ssh())),
              AllOf(HasSubstr("which is not the one in"), HasSubstr(fingerprint())));
}

TEST_F(SshTest, UnderstandsHashedNames) {
  push("a.yaml", "one");
  shell("ssh-keygen -H -f '" + (folder / "known_hosts").string() + "'");
  EXPECT_THAT(content(folder / "known_hosts"), testing::StartsWith("|1|"));
  const auto snapshot = fetch(*make(by_ssh()));
  EXPECT_TRUE(snapshot) << snapshot.error().detail;
}

TEST_F(SshTest, RefusesMarkedLines) {
  folder.write("known_hosts", "@revoked * " + content(folder / "host_ed25519.pub"));
  EXPECT_THAT(refusal(*make(by_ssh())), HasSubstr("has a line that begins with @"));
  std::filesystem::remove(folder / "known_hosts");
  EXPECT_THAT(refusal(*make(by_ssh())), HasSubstr("known_hosts cannot be read"));
}

TEST_F(SshTest, PassesOnWhatTheServerSaysOfARepository) {
  EXPECT_THAT(refusal(*make(by_ssh("none';touch$IFS/pwned;'!.git"))),
              AllOf(HasSubstr("gives no repository"), HasSubstr("does not appear to be a git")));
}

}  // namespace
}  // namespace hvsec::source::test
