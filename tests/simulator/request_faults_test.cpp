#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

constexpr std::string_view two_vms = "[{name: dc-01, keyProtector: local}, {name: dc-02}]";

// One host whose requests and answers go wrong.
class RequestFaultsTest : public SimulationTest {
 protected:
  void SetUp() override { start(one_host(two_vms)); }

  void add(const std::string& fault) {
    const auto reply = control("POST", "hosts/hv/faults", fault);
    ASSERT_EQ(reply.status, 200U) << reply.body;
  }
  static Message query() { return enumerate("select * from Msvm_ComputerSystem"); }
  HttpReply change() { return post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE"))); }
  HttpReply pull_from(const HttpReply& first) {
    return post(pull(between_tags(first.body, "EnumerationContext")));
  }
};

TEST_F(RequestFaultsTest, SilenceMayComeBeforeOrAfterTheEffect) {
  add(R"({"fault":"neverAnswers","when":"before","times":1})");
  EXPECT_EQ(change().delivery.silence, Silence::open);
  EXPECT_FALSE(host().jobs().is_busy(0));
  add(R"({"fault":"halfOpen","when":"before","times":1})");
  EXPECT_EQ(change().delivery.silence, Silence::half_closed);
  EXPECT_FALSE(host().jobs().is_busy(0));
  add(R"({"fault":"halfOpen","times":1})");
  EXPECT_EQ(change().delivery.silence, Silence::half_closed);
  EXPECT_TRUE(host().jobs().is_busy(0));
  EXPECT_EQ(post(query()).delivery, Delivery());
}

struct DeliveryCase {
  const char* name;
  const char* fault;
  Delivery want;

  friend void PrintTo(const DeliveryCase& c, std::ostream* os) { *os << c.name; }
};

class DeliveryFaultTest : public RequestFaultsTest,
                          public testing::WithParamInterface<DeliveryCase> {};

TEST_P(DeliveryFaultTest, StrikesTheBytesOfAnAnswerThatHasHadItsEffect) {
  add(GetParam().fault);
  const auto reply = change();
  EXPECT_EQ(reply.delivery, GetParam().want);
  EXPECT_EQ(between_tags(reply.body, "ReturnValue"), "4096");
  EXPECT_TRUE(host().jobs().is_busy(0));
}

const DeliveryCase delivery_cases[] = {
    {"Garbage", R"({"fault":"garbage","bytes":100})", {.garbage = 100}},
    {"CutAt", R"({"fault":"cutAt","bytes":17})", {.cut_at = 17}},
    {"LengthTooLarge", R"({"fault":"wrongLength","delta":7})", {.length_error = 7}},
    {"LengthTooSmall", R"({"fault":"wrongLength","delta":-7})", {.length_error = -7}},
    {"Chunked", R"({"fault":"chunked"})", {.chunked = true}},
    {"Interim", R"({"fault":"interim","count":3})", {.interim = 3}},
    {"SlowBody", R"({"fault":"slowBody","bytesPerSecond":9})", {.bytes_per_second = 9}},
    {"Delay", R"({"fault":"delay","seconds":2})", {.delay = seconds(2)}},
    {"PlainAnswer", R"({"fault":"plainAnswer"})", {.unsealed = true}},
    {"BadSignature", R"({"fault":"badSignature"})", {.damaged_seal = true}},
    {"Several", R"(["chunked",{"fault":"interim","count":1}])", {.chunked = true, .interim = 1}},
    {"NotThisOperation", R"({"fault":"chunked","operation":"pull"})", {}},
    {"NotThisMethod", R"({"fault":"chunked","method":"GetKeyProtector"})", {}},
};

INSTANTIATE_TEST_SUITE_P(, DeliveryFaultTest, testing::ValuesIn(delivery_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(RequestFaultsTest, DeepXmlIsStillAnAnswer) {
  add(R"({"fault":"deepXml","depth":5000})");
  const auto reply = post(query());
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(count_of(reply.body, "<d>"), 5'000U);
  EXPECT_EQ(count_of(reply.body, "</d>"), 5'000U);
  EXPECT_THAT(reply.body, testing::EndsWith("</d></s:Body></s:Envelope>"));
}

TEST_F(RequestFaultsTest, AnEntityBombIsUsedInTheBody) {
  add(R"({"fault":"entityBomb"})");
  const auto reply = post(query());
  EXPECT_THAT(reply.body, StartsWith("<!DOCTYPE bomb [<!ENTITY e0 \"word\"><!ENTITY e1 \"&e0;"));
  EXPECT_THAT(reply.body, HasSubstr("<d>&e9;</d></s:Body>"));
}

TEST_F(RequestFaultsTest, AnAnswerMayBeToAnotherRequest) {
  add(R"({"fault":"otherMessageId","times":1})");
  EXPECT_THAT(post(query()).body, Not(HasSubstr("<a:RelatesTo>uuid:1</a:RelatesTo>")));
  EXPECT_THAT(post(query()).body, HasSubstr("<a:RelatesTo>uuid:1</a:RelatesTo>"));
}

TEST_F(RequestFaultsTest, AGiantAnswerHasItsBlanksInTheBody) {
  add(R"({"fault":"giantAnswer","bytes":1000000000000})");
  const auto reply = post(query());
  EXPECT_EQ(reply.delivery.filler, 1'000'000'000'000U);
  EXPECT_EQ(reply.body.substr(reply.delivery.filler_at), "</s:Body></s:Envelope>");
}

TEST_F(RequestFaultsTest, APullThatTimesOutLeavesTheEnumerationOpen) {
  add(R"({"fault":"pullTimesOut","times":1})");
  const auto first = post(query());
  const auto late = pull_from(first);
  EXPECT_EQ(late.status, 500U);
  EXPECT_THAT(late.body, HasSubstr("<s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:TimedOut"));
  EXPECT_THAT(late.body, HasSubstr("Code=\"2150858793\""));
  const auto again = pull_from(first);
  EXPECT_EQ(again.status, 200U);
  EXPECT_THAT(again.body, HasSubstr("<n:EndOfSequence/>"));
}

TEST_F(RequestFaultsTest, AStatusMaySayWhenToComeBack) {
  add(R"({"fault":"httpStatus","code":503,"retryAfter":7})");
  const auto reply = post(query());
  EXPECT_EQ(reply.status, 503U);
  EXPECT_THAT(reply.headers, ElementsAre(Pair("Retry-After", "7")));
}

TEST_F(RequestFaultsTest, ALogonMayBeForgottenBeforeTheEffect) {
  add(R"({"fault":"forgetLogon","operation":"invoke","times":1})");
  EXPECT_EQ(post(query()).status, 200U);
  const auto refused = change();
  EXPECT_EQ(refused.status, 401U);
  EXPECT_TRUE(refused.delivery.close);
  EXPECT_FALSE(host().jobs().is_busy(0));
  EXPECT_EQ(change().status, 200U);
}

TEST_F(RequestFaultsTest, ALogonMayBeRefusedWhateverIsSent) {
  policy_.basic = "user:secret";
  add(R"({"fault":"refuseLogon","times":2})");
  const std::string right = "Basic dXNlcjpzZWNyZXQ=";
  for (int count = 0; count < 2; ++count) {
    const auto refused = post(query().text(), right);
    EXPECT_EQ(refused.status, 401U);
    EXPECT_THAT(refused.headers, ElementsAre(Pair("WWW-Authenticate", "Basic realm=\"WSMAN\"")));
  }
  EXPECT_EQ(post(query().text(), right).status, 200U);
}

TEST_F(RequestFaultsTest, TheLogSaysWhoAskedAndWhatBecameOfIt) {
  policy_.basic = "user:secret";
  add(R"({"fault":"garbage","bytes":9,"times":1})");
  post(query().text(), "Basic dXNlcjpzZWNyZXQ=");
  post(query().text(), "Basic nonsense");
  const auto log = control("GET", "log").body;
  EXPECT_THAT(log, HasSubstr(R"("status":0,)"));
  EXPECT_THAT(log, HasSubstr(R"("user":"user","auth":"Basic","encrypted":false,"class")"));
  EXPECT_EQ(count_of(log, R"("user":)"), 1U) << log;
}

TEST_F(RequestFaultsTest, AHostHasABatchOfItsOwnSize) {
  start(one_host("[{name: v%d, repeat: 9}]", "maxBatchItems: 4\n  firstAnswer: all"));
  auto answer = post(query()).body;
  EXPECT_EQ(count_of(answer, "</p:Msvm_ComputerSystem>"), 4U);
  answer = post(pull(between_tags(answer, "EnumerationContext"))).body;
  EXPECT_EQ(count_of(answer, "</p:Msvm_ComputerSystem>"), 4U);
  answer = post(pull(between_tags(answer, "EnumerationContext"))).body;
  EXPECT_EQ(count_of(answer, "</p:Msvm_ComputerSystem>"), 2U);
  EXPECT_THAT(answer, HasSubstr("<n:EndOfSequence/>"));
}

TEST_F(RequestFaultsTest, AnEnumerationExpiresWhenTheHostSays) {
  start(one_host(two_vms, "enumerationTimeoutSeconds: 5"));
  const auto first = post(query());
  clock_.pass(seconds(5));
  const auto second = post(pull(between_tags(first.body, "EnumerationContext"), "1"));
  EXPECT_EQ(second.status, 200U);
  clock_.pass(seconds(6));
  EXPECT_THAT(pull_from(second).body, HasSubstr("n:InvalidEnumerationContext"));
}

struct RefusedFault {
  const char* name;
  const char* fault;
  const char* want;

  friend void PrintTo(const RefusedFault& c, std::ostream* os) { *os << c.name; }
};

class RefusedFaultTest : public RequestFaultsTest,
                         public testing::WithParamInterface<RefusedFault> {};

TEST_P(RefusedFaultTest, SaysWhatItTakes) {
  const auto reply = control("POST", "hosts/hv/faults", GetParam().fault);
  EXPECT_EQ(reply.status, 400U);
  EXPECT_THAT(reply.body, HasSubstr(GetParam().want));
}

const RefusedFault refused_faults[] = {
    {"CutAtNothing", R"({"fault":"cutAt","bytes":0})", "bytes must be a whole number from 1"},
    {"CutWithoutPlace", R"("cutAt")", "needs the argument"},
    {"NoDelta", R"({"fault":"wrongLength","delta":0})", "delta must be a whole number"},
    {"TooDeep", R"({"fault":"deepXml","depth":1000001})", "depth must be"},
    {"TooMuchGarbage", R"({"fault":"garbage","bytes":99999999})", "bytes must be"},
    {"NoSpeed", R"({"fault":"slowBody","bytesPerSecond":0})", "bytesPerSecond must be"},
    {"NoCount", R"({"fault":"interim","count":-1})", "count must be"},
    {"NeverAnswersWhen", R"({"fault":"neverAnswers"})", "needs the argument"},
    {"LogonOfAnOperation", R"({"fault":"refuseLogon","operation":"get"})", "takes no argument"},
    {"RetryAfterWhen", R"({"fault":"httpStatus","code":503,"retryAfter":"soon"})",
     "retryAfter must be seconds"},
};

INSTANTIATE_TEST_SUITE_P(, RefusedFaultTest, testing::ValuesIn(refused_faults),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace hvsec::simulator
