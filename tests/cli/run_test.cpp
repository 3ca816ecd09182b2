// What `run` refuses before it begins, and that it ends when it is told to.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using testing::HasSubstr;

struct RefusalCase {
  const char* name;
  std::vector<std::string> words;
  const char* said;
};

const RefusalCase refusal_cases[] = {
    {"IntervalTooShort", {"--interval", "30s"}, "--interval is less than 1m"},
    {"RetryTooShort", {"--retry-interval", "1s"}, "--retry-interval is less than 10s"},
    {"PollTooShort", {"--git-poll", "1s"}, "--git-poll is less than 10s"},
    {"TwoSources", {"--git", "https://x/y.git", "-m", "."}, "--git or --manifests, not both"},
    {"BranchOfNothing", {"--branch", "main"}, "--branch needs --git"},
    {"UserOfNothing", {"--git-username", "bot"}, "--git-username needs --git"},
    {"KeyringOfNothing", {"--verify-signatures", "k"}, "--verify-signatures needs --git"},
    {"StandardInput", {"-m", "-"}, "the standard input cannot be watched"},
    {"GitRefusesItsOptions", {"--git", "https://x/y.git"}, "asked for https://x/y.git"},
    {"UnsignedWebhook", {"--webhook", "https://x"}, "--webhook needs --webhook-secret-file"},
    {"SecretForNobody", {"--webhook-secret-file", "k"}, "--webhook-secret-file needs --webhook"},
    {"ListenNowhere", {"--listen", "everywhere"}, "--listen"},
    {"NoCanary", {"--canary", "0"}, "--canary"},
    {"NoFailureLimit", {"--stop-on-failures", "0"}, "--stop-on-failures"},
    {"ShareAboveAll", {"--stop-on-failures", "101%"}, "more than 100%"},
};

class RunRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(RunRefusalTest, SaysWhatIsWrong) {
  World world;
  std::vector<std::string> words = {"run"};
  words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
  const Ran ran = world.run(words);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().said));
  EXPECT_EQ(ran.out, "");
}

INSTANTIATE_TEST_SUITE_P(, RunRefusalTest, testing::ValuesIn(refusal_cases),
                         [](const auto& test) { return test.param.name; });

TEST(RunTest, EndsWellWhenItIsToldToStop) {
  World world;
  world.hosts["hv-1"].vms = {World::vm("dc-01", 1)};
  world.declare_hosts();
  world.declare_policy();
  world.signal = SIGTERM;
  const Ran ran = world.run({"run", "-m", world.manifests(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("serves http://127.0.0.1:"));
  EXPECT_EQ(world.hosts["hv-1"].submits, 0U);
}

TEST(RunTest, WithoutItsLedgerItDoesNotBegin) {
  World world;
  world.declare_hosts();
  world.ledger_error = Error{ErrorKind::terminal, {}, "it is held by process 12"};
  const Ran ran = world.run({"run", "-m", world.manifests(), "--listen", "off"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("the ledger cannot be used: it is held by process 12"));
}

}  // namespace
}  // namespace hvsec::test
