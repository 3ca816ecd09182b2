#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/program.hpp"
#include "tests/source/remote.hpp"

namespace hvsec::source::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class HttpsTest : public RemoteTest {
 protected:
  HttpsTest() {
    folder.write("token", "s3cret\n");
    server.emplace("git_https.py", std::vector<std::string>{folder.path().string(), "s3cret"});
  }

  [[nodiscard]] std::string url(const std::string& path = "/remote.git") const {
    return "https://localhost:" + server->first_line() + path;
  }

  [[nodiscard]] GitOptions by_https(const std::string& path = "/remote.git") const {
    GitOptions wanted = options();
    wanted.url = url(path);
    wanted.token_file = (folder / "token").string();
    wanted.ca_file = (folder / "ca.pem").string();
    return wanted;
  }

  std::optional<Program> server;
};

TEST_F(HttpsTest, FollowsWhatIsPushed) {
  push("prod/a.yaml", "one");
  const auto source = make(by_https());
  const auto first = fetch(*source);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(content(*first, "prod/a.yaml"), "one");
  EXPECT_EQ(first->revision->remote, url());
  const std::string commit = push("prod/a.yaml", "two");
  const auto second = fetch(*source);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(content(*second, "prod/a.yaml"), "two");
  EXPECT_EQ(second->revision->commit, commit);
}

TEST_F(HttpsTest, OnlyAsksWhileNothingIsPushed) {
  push("a.yaml", "one");
  const auto source = make(by_https());
  ASSERT_TRUE(fetch(*source));
  std::filesystem::remove(folder / "requests");
  ASSERT_TRUE(fetch(*source));
  EXPECT_EQ(content(folder / "requests"), "/remote.git/info/refs git\n");
}

TEST_F(HttpsTest, ChecksTheCertificateAgainstAnAddressToo) {
  push("a.yaml", "one");
  auto by_address = by_https();
  by_address.url = "https://127.0.0.1:" + server->first_line() + "/remote.git";
  const auto snapshot = fetch(*make(by_address));
  EXPECT_TRUE(snapshot) << snapshot.error().detail;
}

TEST_F(HttpsTest, FetchesALongHistory) {
  std::string big;
  for (int i = 0; i < 60'000; ++i) big += std::to_string(i * 7919 % 100'003);
  for (int i = 0; i < 6; ++i) push("a" + std::to_string(i) + ".yaml", big + std::to_string(i));
  const auto snapshot = fetch(*make(by_https()));
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ(content(*snapshot, "a5.yaml"), big + "5");
}

TEST_F(HttpsTest, SaysThatTheTokenIsRefusedWithoutTellingIt) {
  push("a.yaml", "one");
  folder.write("token", "wr0ng\n");
  const auto source = make(by_https());
  EXPECT_THAT(refusal(*source),
              AllOf(HasSubstr("refuses the token in " + (folder / "token").string()),
                    Not(HasSubstr("wr0ng"))));
  folder.write("token", "s3cret\n");
  EXPECT_TRUE(fetch(*source)) << "a new token is read at the next fetch";
  std::filesystem::remove(folder / "token");
  EXPECT_THAT(refusal(*source), HasSubstr((folder / "token").string()));
}

TEST_F(HttpsTest, SaysThatATokenIsWanted) {
  auto wanted = by_https();
  wanted.token_file = "";
  EXPECT_THAT(refusal(*make(wanted)), HasSubstr("give it a token file"));
}

TEST_F(HttpsTest, TrustsOnlyTheGivenAuthority) {
  auto wanted = by_https();
  wanted.ca_file = "";
  EXPECT_THAT(refusal(*make(wanted)),
              AllOf(HasSubstr("certificate of localhost is not trusted"), HasSubstr("CA file")));
  EXPECT_FALSE(std::filesystem::exists(folder / "requests")) << "the token never left";
  wanted.ca_file = (folder / "nowhere.pem").string();
  EXPECT_THAT(refusal(*make(wanted)), HasSubstr("nowhere.pem"));
}

TEST_F(HttpsTest, FollowsNoRedirect) {
  EXPECT_THAT(refusal(*make(by_https("/moved/fleet.git"))),
              AllOf(HasSubstr("redirects to https://localhost/fleet.git"), Not(HasSubstr("pass"))));
  EXPECT_THAT(refusal(*make(by_https("/elsewhere"))), HasSubstr("another place on that host"));
  EXPECT_THAT(content(folder / "requests"), Not(HasSubstr("/remote.git")));
}

TEST_F(HttpsTest, TellsPassingTroubleFromWhatStays) {
  EXPECT_THAT(refusal(*make(by_https("/busy")), ErrorKind::transient), HasSubstr("cannot answer"));
  EXPECT_THAT(refusal(*make(by_https("/text"))), HasSubstr("does not speak git's smart protocol"));
  EXPECT_THAT(refusal(*make(by_https("/none.git"))), HasSubstr("has no git repository"));
  const auto source = make(by_https());
  server.reset();
  EXPECT_THAT(refusal(*source, ErrorKind::transient), HasSubstr("localhost port"));
}

TEST_F(HttpsTest, EndsAnEndlessAdvertisement) {
  auto wanted = by_https("/endless");
  wanted.limits.received_bytes = 1'000'000;
  EXPECT_THAT(refusal(*make(wanted)), HasSubstr("more than is taken"));
}

TEST_F(HttpsTest, GivesUpOnASilentServerInTime) {
  const auto source = make(by_https("/silent"));
  const auto begun = world.begin(source->fetch());
  world.run_until([&] { return std::filesystem::exists(folder / "requests"); });
  ASSERT_FALSE(begun->result);
  ASSERT_TRUE(world.clock.advance_to_next());
  world.run_until([&] { return begun->result.has_value(); });
  EXPECT_EQ(begun->result->error().kind, ErrorKind::transient);
  EXPECT_THAT(begun->result->error().detail, HasSubstr("no answer within 300 s"));
}

TEST_F(HttpsTest, StopsWaitingForASilentServerWhenCancelled) {
  auto wanted = by_https("/silent");
  const auto source = make(wanted);
  const auto begun = world.begin(source->fetch());
  world.run_until([&] { return std::filesystem::exists(folder / "requests"); });
  begun->cancel.emit(boost::asio::cancellation_type::terminal);
  world.run_until([&] { return begun->result.has_value(); });
  EXPECT_EQ(begun->result->error().kind, ErrorKind::cancelled);
  // The thread ends although the server still says nothing: the next call has its turn.
  EXPECT_TRUE(world.finish(source->kept()));
}

}  // namespace
}  // namespace hvsec::source::test
