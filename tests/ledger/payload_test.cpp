#include "src/ledger/payload.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/record.hpp"
#include "tests/contract/ledger_records.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;

// What releases before version 2 wrote: never to be changed.
const std::string intent_1 =
    R"({"formatVersion":1,"kind":"intent","change":"run-1.7",)"
    R"("at":"2027-01-31T10:20:30.456Z","run":"run-1","manifestDigest":"5f7c",)"
    R"("host":"hv-ams-01","vm":"0A0A0A0A-0000-0000-0000-00000000000A","vmName":"dc-01",)"
    R"("changes":[{"setting":"tpmEnabled","before":"false","desired":"true",)"
    R"("policy":"baseline","place":"baseline/dc.yaml:14:5"}]})";
const std::string dispatched_1 =
    R"({"formatVersion":1,"kind":"dispatched","change":"run-1.7",)"
    R"("at":"2027-01-31T10:20:30.456Z","returnCode":4096,)"
    R"("returnName":"Method Parameters Checked - Job Started",)"
    R"("job":"root/virtualization/v2:Msvm_ConcreteJob.InstanceID=\"E4C9\""})";
const std::string settled_1 =
    R"({"formatVersion":1,"kind":"settled","change":"run-1.7",)"
    R"("at":"2027-01-31T10:20:30.456Z",)"
    R"("settings":[{"setting":"tpmEnabled","verdict":"corrected","after":"true"}],)"
    R"("jobStates":[{"state":4,"name":"Running","at":"2027-01-31T10:20:30.456Z"},)"
    R"({"state":7,"name":"Completed","at":"2027-01-31T10:20:30.456Z"}],)"
    R"("jobErrorCode":32773,"errorTexts":["No key protector."],)"
    R"("tookMilliseconds":1234})";

Settled failed_end() {
  Settled end = settled("run-1.7");
  end.job_error_code = 32773;
  end.error_texts = {"No key protector."};
  return end;
}

std::string with(std::string text, const std::string& what, const std::string& other) {
  const auto at = text.find(what);
  if (at == std::string::npos) return text;
  return text.replace(at, what.size(), other);
}

TEST(Payload, OfAnIntent) {
  EXPECT_EQ(payload(detailed_intent("run-1.7")),
            R"({"formatVersion":3,"kind":"intent","change":"run-1.7",)"
            R"("at":"2027-01-31T10:20:30.456Z","run":"run-1","actor":"ci@runner-7",)"
            R"("manifestDigest":"5f7c","revisions":[{"folder":"/srv/manifests",)"
            R"("commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","dirty":true,)"
            R"("remote":"https://git.example/m.git"},)"
            R"({"folder":"/srv/more","commit":"","dirty":false,"remote":""}],)"
            R"("host":"hv-ams-01","vm":"0A0A0A0A-0000-0000-0000-00000000000A",)"
            R"("vmName":"dc \"01\" – 仮想",)"
            R"("changes":[{"setting":"tpmEnabled","before":"false","desired":"true",)"
            R"("cause":"unknown","policy":"baseline","place":"baseline/dc.yaml:14:5"},)"
            R"({"setting":"encryptStateAndVmMigrationTraffic","before":"unset",)"
            R"("desired":"false","cause":"corrective","policy":"baseline","place":""}]})");
}

TEST(Payload, OfAnAnswer) {
  EXPECT_EQ(payload(dispatched("run-1.7")),
            with(dispatched_1, R"("formatVersion":1)", R"("formatVersion":3)"));
}

TEST(Payload, OfAnAnswerThatWasLostOrHasNoJob) {
  Dispatched answer = dispatched("c");
  answer.job.reset();
  answer.return_code.reset();
  EXPECT_NE(payload(answer).find(R"("returnCode":null)"), std::string::npos);
  EXPECT_NE(payload(answer).find(R"("job":null)"), std::string::npos);
}

TEST(Payload, OfAnEnd) {
  EXPECT_EQ(payload(failed_end()), with(settled_1, R"("formatVersion":1)", R"("formatVersion":3)"));
}

Pruned pruned() {
  return {some_time(),
          "ci@runner-7",
          some_time() - std::chrono::hours(24),
          2,
          6,
          {{1, 5, std::string(64, '1')}, {7, 7, std::string(64, '7')}}};
}

TEST(Payload, OfAPruning) {
  EXPECT_EQ(payload(pruned()),
            R"({"formatVersion":3,"kind":"pruned","at":"2027-01-31T10:20:30.456Z",)"
            R"("actor":"ci@runner-7","olderThan":"2027-01-30T10:20:30.456Z",)"
            R"("changes":2,"records":6,"gaps":[{"first":1,"last":5,"hash":")" +
                std::string(64, '1') + R"("},{"first":7,"last":7,"hash":")" + std::string(64, '7') +
                R"("}]})");
}

Suspended suspended() {
  return {{.id = "20270131T102030Z-5f0c1a2b9d3e",
           .scope = {{"hv-ams-*"}, {"dc \"01\"/仮想"}},
           .reason = "moves to the new SAN",
           .until = some_time() + std::chrono::hours(24),
           .actor = "ann@ops-1",
           .at = some_time()}};
}

TEST(Payload, OfASuspension) {
  const std::string text =
      R"({"formatVersion":3,"kind":"suspended","suspension":"20270131T102030Z-5f0c1a2b9d3e",)"
      R"("at":"2027-01-31T10:20:30.456Z","actor":"ann@ops-1","host":"hv-ams-*",)"
      R"("vm":"dc \"01\"/仮想","reason":"moves to the new SAN",)"
      R"("until":"2027-02-01T10:20:30.456Z"})";
  EXPECT_EQ(payload(suspended()), text);
  Suspended endless = suspended();
  endless.suspension.until.reset();
  EXPECT_EQ(payload(endless), with(text, R"("2027-02-01T10:20:30.456Z")", "null"));
}

TEST(Payload, OfALifting) {
  EXPECT_EQ(payload(Resumed{"s1", "ben@ops-2", some_time()}),
            R"({"formatVersion":3,"kind":"resumed","suspension":"s1",)"
            R"("at":"2027-01-31T10:20:30.456Z","actor":"ben@ops-2"})");
}

TEST(Payload, IsOneLineOfUtf8WhateverTheHostSaid) {
  Settled end = settled("c");
  end.error_texts = {"line\nline", "\xFF"};
  const std::string text = payload(end);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find(R"(["line\nline","�"])"), std::string::npos) << text;
  EXPECT_TRUE(parse_record(text));
}

/// One of each kind, with everything in it that there can be.
std::vector<LedgerRecord> all_records() {
  Dispatched lost = dispatched("c");
  lost.return_code.reset();
  Dispatched busy = dispatched("c");
  busy.job.reset();
  Settled everything = failed_end();
  everything.settings.clear();
  for (auto number = std::uint8_t{0}; find_verdict(name(Verdict{number})); ++number)
    everything.settings.push_back({static_cast<SettingId>(number % setting_count), Verdict{number},
                                   static_cast<SettingValue>(number % 4)});
  everything.error_texts.emplace_back("nul \0, quote \", backslash \\, \x1f\x7f", 31);
  Intent odd = detailed_intent("c");
  odd.set.changes[0].place = {std::make_shared<const std::string>("C:\\a:b"), 4294967295, 0};
  odd.set.changes[1].place = {std::make_shared<const std::string>(""), 0, 0};
  odd.set.changes[1].cause = Cause::intentional;
  Suspended endless = suspended();
  endless.suspension.until.reset();
  return {intent("c"),  detailed_intent("c"),
          odd,          dispatched("c"),
          lost,         busy,
          settled("c"), failed_end(),
          everything,   suspended(),
          endless,      Resumed{"s1", "ben@ops-2", some_time()}};
}

TEST(Parse, ReadsBackWhatWasWritten) {
  for (const LedgerRecord& record : all_records()) {
    const auto read = parse_record(payload(record));
    ASSERT_TRUE(read) << read.error().detail << "\n" << payload(record);
    EXPECT_EQ(payload(*read), payload(record));
  }
}

TEST(Parse, ReadsEveryMemberOfAnIntent) {
  const auto read = parse_record(payload(detailed_intent("c")));
  ASSERT_TRUE(read);
  const auto& intent = std::get<Intent>(*read);
  EXPECT_EQ(intent.set.id.value, "c");
  EXPECT_EQ(intent.set.run, "run-1");
  EXPECT_EQ(intent.set.host, "hv-ams-01");
  EXPECT_EQ(intent.set.vm.guid, vm_a);
  EXPECT_EQ(intent.set.vm_name, "dc \"01\" – 仮想");
  EXPECT_EQ(intent.actor, "ci@runner-7");
  EXPECT_EQ(intent.manifest_digest, "5f7c");
  EXPECT_EQ(intent.revisions, detailed_intent("c").revisions);
  EXPECT_EQ(intent.at, some_time());
  ASSERT_EQ(intent.set.changes.size(), 2U);
  const Change& change = intent.set.changes[1];
  EXPECT_EQ(change.setting, SettingId::encrypt_state_and_vm_migration_traffic);
  EXPECT_EQ(change.before, SettingValue::unset);
  EXPECT_FALSE(change.desired);
  EXPECT_EQ(change.cause, Cause::corrective);
  EXPECT_EQ(change.policy, "baseline");
  EXPECT_EQ(text(change.place), "");
  EXPECT_EQ(text(intent.set.changes[0].place), "baseline/dc.yaml:14:5");
}

TEST(Parse, ReadsVersionOne) {
  const auto begun = parse_record(intent_1);
  ASSERT_TRUE(begun) << begun.error().detail;
  const auto& intent = std::get<Intent>(*begun);
  EXPECT_EQ(intent.set.changes.at(0).setting, SettingId::tpm_enabled);
  EXPECT_EQ(intent.set.changes.at(0).cause, Cause::unknown);
  EXPECT_EQ(intent.actor, "");
  EXPECT_TRUE(intent.revisions.empty());

  const auto answer = parse_record(dispatched_1);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(std::get<Dispatched>(*answer).return_code, 4096U);

  const auto end = parse_record(settled_1);
  ASSERT_TRUE(end) << end.error().detail;
  EXPECT_EQ(std::get<Settled>(*end).took, std::chrono::milliseconds(1234));
  for (const auto& [record, text] :
       {std::pair(*begun, intent_1), std::pair(*answer, dispatched_1), std::pair(*end, settled_1)})
    EXPECT_EQ(payload(record, 1), text);
}

TEST(Parse, ReadsVersionTwo) {
  for (const LedgerRecord& record :
       {LedgerRecord(detailed_intent("c")), LedgerRecord(settled("c"))}) {
    const std::string text = payload(record, 2);
    EXPECT_EQ(text, with(payload(record), R"("formatVersion":3)", R"("formatVersion":2)"));
    const auto read = parse_record(text);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(payload(*read, 2), text);
  }
  EXPECT_TRUE(parse_pruned(payload(pruned(), 2)));
  EXPECT_FALSE(parse_pruned(payload(pruned(), 1)));
}

TEST(Parse, ReadsEveryMemberOfASuspension) {
  const auto read = parse_record(payload(suspended()));
  ASSERT_TRUE(read) << read.error().detail;
  const Suspension& suspension = std::get<Suspended>(*read).suspension;
  EXPECT_EQ(suspension.id, suspended().suspension.id);
  EXPECT_EQ(text(suspension.scope), "hv-ams-*/dc \"01\"/仮想");
  EXPECT_EQ(suspension.reason, "moves to the new SAN");
  EXPECT_EQ(suspension.until, some_time() + std::chrono::hours(24));
  EXPECT_EQ(suspension.actor, "ann@ops-1");
  EXPECT_EQ(suspension.at, some_time());
}

TEST(Parse, KnowsNoSuspensionsBeforeVersionThree) {
  EXPECT_FALSE(parse_record(payload(suspended(), 2)));
  EXPECT_FALSE(parse_record(payload(Resumed{"s1", "ben@ops-2", some_time()}, 1)));
}

TEST(Parse, SaysWhatIsWrongWithASuspension) {
  for (const auto& [what, other, error] :
       {std::array{R"("until":"2027-02-01T10:20:30.456Z")", R"("until":"tomorrow")", "a time"},
        std::array{R"(,"until":"2027-02-01T10:20:30.456Z")", "", R"("until" is not)"},
        std::array{R"("reason":)", R"("why":)", R"("reason" is not a text)"},
        std::array{R"("suspension":)", R"("change":)", R"("suspension" is not a text)"},
        std::array{R"("host":"hv-ams-*",)", R"("host":null,)", R"("host" is not a text)"}}) {
    const auto read = parse_record(with(payload(suspended()), what, other));
    ASSERT_FALSE(read) << what << " -> " << other;
    EXPECT_NE(read.error().detail.find(error), std::string::npos) << read.error().detail;
  }
}

TEST(Parse, ReadsAPruning) {
  const auto read = parse_pruned(payload(pruned()));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->gaps, pruned().gaps);
  EXPECT_EQ(read->records, 6U);
  EXPECT_EQ(read->older_than, pruned().older_than);
  EXPECT_FALSE(parse_record(payload(pruned())));
  EXPECT_FALSE(parse_pruned(payload(intent("c"))));
}

struct BadCase {
  const char* what;
  const char* other;
  const char* error;
};

TEST(Parse, SaysWhatIsWrong) {
  for (const auto& [what, other, error] :
       {BadCase{R"("formatVersion":3)", R"("formatVersion":4)", "newer hvsec"},
        BadCase{R"("formatVersion":3)", R"("formatVersion":0)", "formatVersion"},
        BadCase{R"("formatVersion":3)", R"("formatVersion":"3")", "formatVersion"},
        BadCase{R"("kind":"intent")", R"("kind":"other")", "kind"},
        BadCase{R"("change":"c")", R"("change":7)", R"("change" is not a text)"},
        BadCase{R"("change":"c",)", "", R"("change" is not a text)"},
        BadCase{R"(30.456Z")", R"(30.456")", R"("at" is not a time)"},
        BadCase{R"("tpmEnabled")", R"("fromTheFuture")", "a setting that this program knows"},
        BadCase{R"("before":"false")", R"("before":"maybe")", "a value that this program knows"},
        BadCase{R"("desired":"true")", R"("desired":"unset")", R"("desired")"},
        BadCase{R"("cause":"unknown")", R"("cause":"gremlins")", "a cause that this program knows"},
        BadCase{"dc.yaml:14:5", "dc.yaml:14", "a place"},
        BadCase{"dc.yaml:14:5", "dc.yaml:014:5", "not written as"},
        BadCase{R"("dirty":true)", R"("dirty":1)", R"("dirty" is not true or false)"},
        BadCase{R"("revisions":[)", R"("revisions":[[],)", "no object"},
        BadCase{R"("revisions":[)", R"("revisions":{"a":[)", "no JSON"},
        BadCase{R"("run":)", R"("extra":1,"run":)", "not written as"},
        BadCase{R"("run":)", R"("run":"run-0","run":)", "not written as"},
        BadCase{R"("run":)", R"( "run":)", "not written as"}}) {
    const auto read = parse_record(with(payload(detailed_intent("c")), what, other));
    ASSERT_FALSE(read) << what << " -> " << other;
    EXPECT_EQ(read.error().kind, ErrorKind::terminal);
    EXPECT_NE(read.error().detail.find(error), std::string::npos) << read.error().detail;
  }
}

TEST(Parse, RefusesNumbersThatDoNotFit) {
  for (const char* number : {"-1", "4294967296", "4096.0", "4e3", "1e999", "\"4096\"", "[]",
                             "18446744073709551616", "true"})
    EXPECT_FALSE(parse_record(with(payload(dispatched("c")), "4096", number))) << number;
  for (const char* number : {"-1", "9223372036854775807", "1.5"})
    EXPECT_FALSE(parse_record(with(payload(settled("c")), "1234", number))) << number;
}

TEST(Parse, IsTotal) {
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
        std::string("\0", 1), std::string("\"intent\""), std::string("{\"formatVersion\":3}"),
        std::string(1'000'000, '['), std::string(1'000'000, '{'),
        "{\"formatVersion\":3,\"kind\":" + std::string(100'000, '[') + std::string(100'000, ']') +
            "}",
        std::string(longest_payload + 1, ' ')}) {
    EXPECT_FALSE(parse_record(text));
    EXPECT_FALSE(parse_pruned(text));
  }
}

TEST(Parse, RefusesEveryTruncation) {
  for (const LedgerRecord& record : all_records()) {
    const std::string whole = payload(record);
    for (std::size_t length = 0; length < whole.size(); ++length)
      ASSERT_FALSE(parse_record(whole.substr(0, length))) << length << " of " << whole;
    ASSERT_FALSE(parse_record(whole + " "));
  }
}

// Whatever is read is exactly what stands there: text that differs never reads the same.
TEST(Parse, NeverReadsDamagedTextAsSomethingElse) {
  std::mt19937 random(7);
  std::size_t read = 0;
  for (const LedgerRecord& record : all_records()) {
    const std::string whole = payload(record);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const bool one_bit : {true, false}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(static_cast<unsigned>(damaged[at]) ^ (1U << random() % 8));
        if (!one_bit) damaged[random() % damaged.size()] = static_cast<char>(random());
        const auto parsed = parse_record(damaged);
        if (!parsed) continue;
        ++read;
        const int version = damaged.at(std::string("{\"formatVersion\":").size()) - '0';
        ASSERT_EQ(payload(*parsed, version), damaged);
      }
    }
  }
  EXPECT_GT(read, 0U);  // Damage within a text of the host's is nothing that this could see.
}

}  // namespace
}  // namespace hvsec::ledger
