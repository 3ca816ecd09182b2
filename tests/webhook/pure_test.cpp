// What a webhook is made of, without a network: events, signatures, addresses and pauses.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "schema/documents.hpp"
#include "src/webhook/address.hpp"
#include "src/webhook/event.hpp"
#include "src/webhook/retry.hpp"
#include "src/webhook/signature.hpp"

namespace hvsec::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using webhook::Attempt;
using webhook::Backoff;
using webhook::Event;
using webhook::EventType;
using webhook::Severity;
using webhook::Verdict;

WallTime at(const char* time) { return parse_rfc3339(time).value_or(WallTime()); }

TEST(EventTest, IsWrittenWithEveryMember) {
  const Event event{.type = EventType::drift_found,
                    .severity = Severity::warning,
                    .at = at("2026-11-29T08:00:00.250Z"),
                    .host = "hv-1",
                    .vm = "dc-1",
                    .setting = "tpmEnabled",
                    .message = "is \"false\", declared true",
                    .revision = "5f0c1a2",
                    .digest = "sha256:00",
                    .run = "r1"};
  EXPECT_EQ(json::parse(to_json(event, "d1", at("2026-11-29T08:00:01.000Z"))),
            (json{{"formatVersion", 1},
                  {"id", "d1"},
                  {"sentAt", "2026-11-29T08:00:01.000Z"},
                  {"type", "driftFound"},
                  {"severity", "warning"},
                  {"at", "2026-11-29T08:00:00.250Z"},
                  {"host", "hv-1"},
                  {"vm", "dc-1"},
                  {"setting", "tpmEnabled"},
                  {"message", "is \"false\", declared true"},
                  {"revision", "5f0c1a2"},
                  {"digest", "sha256:00"},
                  {"run", "r1"}}));
}

TEST(EventTest, WhatItIsNotAboutIsNull) {
  const json event = json::parse(to_json(Event{}, "d1", WallTime()));
  for (const char* member : {"host", "vm", "setting", "revision", "digest", "run"})
    EXPECT_TRUE(event.at(member).is_null()) << member;
}

TEST(EventTest, AMessageIsCutBetweenTwoCharactersAndIsUtf8) {
  Event event;
  event.message = std::string(16 * 1024 - 1, 'x') + "\xC3\xA4 and more";
  EXPECT_EQ(json::parse(to_json(event, "", WallTime()))["message"].get<std::string>(),
            std::string(16 * 1024 - 1, 'x'));
  event.message = "host says \xFF\xFE";
  EXPECT_THAT(json::parse(to_json(event, "", WallTime()))["message"].get<std::string>(),
              testing::StartsWith("host says \xEF\xBF\xBD"));
}

TEST(EventTest, TheSchemaKnowsTheSameNames) {
  const json properties = json::parse(schema::find_document("event")->text)["properties"];
  std::set<std::string> types;
  for (const EventType type : webhook::all_event_types) types.emplace(name(type));
  EXPECT_EQ(properties["type"]["enum"].get<std::set<std::string>>(), types);
  EXPECT_EQ(types.size(), webhook::all_event_types.size());
  std::set<std::string> severities;
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error})
    severities.emplace(name(severity));
  EXPECT_EQ(properties["severity"]["enum"].get<std::set<std::string>>(), severities);
}

// RFC 4231, test case 2.
TEST(SignatureTest, IsTheHmacOfTheBody) {
  EXPECT_EQ(webhook::signature("Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(webhook::signature("Jefe", ""), webhook::signature("Jeff", ""));
}

Result<webhook::Address> parse_address(const char* url) {
  const auto curl = webhook::CurlLibrary::load();
  if (!curl) return fail(curl.error());
  return webhook::parse_address(*curl, url);
}

struct AddressCase {
  const char* name;
  const char* url;
  const char* shown;
};

class AddressTest : public testing::TestWithParam<AddressCase> {};

TEST_P(AddressTest, ShowsNoPath) {
  const auto address = parse_address(GetParam().url);
  ASSERT_TRUE(address) << address.error().detail;
  EXPECT_EQ(address->url, GetParam().url);
  EXPECT_EQ(address->shown, GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    , AddressTest,
    testing::Values(
        AddressCase{"Https", "https://hooks.example/T0/secret", "https://hooks.example:443"},
        AddressCase{"Port", "https://hooks.example:8443/?key=secret", "https://hooks.example:8443"},
        AddressCase{"PlainV4", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080"},
        AddressCase{"PlainV6", "http://[::1]:8080/x", "http://[::1]:8080"},
        AddressCase{"PlainName", "http://localhost/x", "http://localhost:80"}),
    [](const auto& test) { return test.param.name; });

struct BadAddressCase {
  const char* name;
  const char* url;
  const char* says;
};

class BadAddressTest : public testing::TestWithParam<BadAddressCase> {};

TEST_P(BadAddressTest, IsRefusedWithoutWhatMayBeSecret) {
  const auto address = parse_address(GetParam().url);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::invalid);
  EXPECT_THAT(address.error().detail, HasSubstr(GetParam().says));
  EXPECT_THAT(address.error().detail, Not(HasSubstr("secret")));
}

INSTANTIATE_TEST_SUITE_P(
    , BadAddressTest,
    testing::Values(BadAddressCase{"Empty", "", "expected https://"},
                    BadAddressCase{"NoScheme", "hooks.example/secret", "expected https://"},
                    BadAddressCase{"OtherScheme", "ftp://hooks.example/secret", "neither https"},
                    BadAddressCase{"File", "file:///etc/secret", "neither https"},
                    BadAddressCase{"Password", "https://user:secret@hooks.example/", "signed"},
                    BadAddressCase{"User", "https://secret@hooks.example/", "signed"},
                    BadAddressCase{"Plain", "http://hooks.example/secret", "in the clear"},
                    BadAddressCase{"LooksLocal", "http://127.0.0.1.example/secret", "in the clear"},
                    BadAddressCase{"LineBreak", "https://hooks.example/\r\nsecret", "expected"},
                    BadAddressCase{"BadPort", "https://hooks.example:99999/secret", "expected"}),
    [](const auto& test) { return test.param.name; });

struct JudgeCase {
  const char* name;
  long status;
  Verdict verdict;
};

class JudgeTest : public testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeTest, TheStatusDecides) {
  const Attempt attempt{.status = GetParam().status, .trouble = "no route", .retry_after = {}};
  EXPECT_EQ(webhook::judge(attempt), GetParam().verdict);
  EXPECT_THAT(
      webhook::why(attempt),
      HasSubstr(attempt.status == 0 ? "no route" : "HTTP " + std::to_string(attempt.status)));
}

INSTANTIATE_TEST_SUITE_P(, JudgeTest,
                         testing::Values(JudgeCase{"NoAnswer", 0, Verdict::again},
                                         JudgeCase{"Ok", 200, Verdict::delivered},
                                         JudgeCase{"NoContent", 204, Verdict::delivered},
                                         JudgeCase{"Moved", 301, Verdict::refused},
                                         JudgeCase{"BadRequest", 400, Verdict::refused},
                                         JudgeCase{"Unauthorized", 401, Verdict::refused},
                                         JudgeCase{"Timeout", 408, Verdict::again},
                                         JudgeCase{"TooEarly", 425, Verdict::again},
                                         JudgeCase{"TooMany", 429, Verdict::again},
                                         JudgeCase{"Broken", 500, Verdict::again},
                                         JudgeCase{"Unavailable", 503, Verdict::again}),
                         [](const auto& test) { return test.param.name; });

TEST(PauseTest, DoublesUpToTheLongest) {
  const Backoff backoff{.first = 1s, .longest = 10s};
  std::vector<Duration> pauses;
  for (unsigned failures : {1U, 2U, 3U, 4U, 5U, 6U, 4'000'000'000U})
    pauses.push_back(pause_after(failures, {}, backoff, 0));
  EXPECT_EQ(pauses, (std::vector<Duration>{1s, 2s, 4s, 8s, 10s, 10s, 10s}));
}

TEST(PauseTest, LuckTakesUpToHalfOff) {
  const Backoff backoff{.first = 1s, .longest = 10s};
  EXPECT_EQ(pause_after(2, {}, backoff, 0.5), 1500ms);
  EXPECT_EQ(pause_after(2, {}, backoff, 1), 1s);
  EXPECT_EQ(pause_after(2, {}, backoff, 7), 1s);
}

TEST(PauseTest, AReceiverMayAskForMoreButNotForAnyTime) {
  const Backoff backoff{.first = 1s, .longest = 10s};
  const auto asked = [&](Duration time) {
    return pause_after(1, {.status = 503, .trouble = {}, .retry_after = time}, backoff, 0);
  };
  EXPECT_EQ(asked(5s), 5s);
  EXPECT_EQ(asked(0s), 1s);
  EXPECT_EQ(asked(24h), 10s);
}

}  // namespace
}  // namespace hvsec::test
