#include "src/ledger/record.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/chain.hpp"
#include "src/ledger/time_text.hpp"
#include "tests/contract/ledger_records.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;

TEST(Payload, OfAnIntent) {
  EXPECT_EQ(payload(intent("run-1.7")),
            R"({"formatVersion":1,"kind":"intent","change":"run-1.7",)"
            R"("at":"2027-01-31T10:20:30.456Z","run":"run-1","manifestDigest":"5f7c",)"
            R"("host":"hv-ams-01","vm":"0A0A0A0A-0000-0000-0000-00000000000A","vmName":"dc-01",)"
            R"("changes":[{"setting":"tpmEnabled","before":"false","desired":"true",)"
            R"("policy":"baseline","place":"baseline/dc.yaml:14:5"}]})");
}

TEST(Payload, OfAnAnswer) {
  EXPECT_EQ(payload(dispatched("run-1.7")),
            R"({"formatVersion":1,"kind":"dispatched","change":"run-1.7",)"
            R"("at":"2027-01-31T10:20:30.456Z","returnCode":4096,)"
            R"("returnName":"Method Parameters Checked - Job Started",)"
            R"("job":"root/virtualization/v2:Msvm_ConcreteJob.InstanceID=\"E4C9\""})");
}

TEST(Payload, OfAnAnswerWithoutAJob) {
  Dispatched answer = dispatched("c");
  answer.job.reset();
  EXPECT_NE(payload(answer).find(R"("job":null)"), std::string::npos);
}

TEST(Payload, OfAnEnd) {
  Settled end = settled("run-1.7");
  end.job_error_code = 32773;
  end.error_texts = {"No key protector."};
  EXPECT_EQ(payload(end),
            R"({"formatVersion":1,"kind":"settled","change":"run-1.7",)"
            R"("at":"2027-01-31T10:20:30.456Z",)"
            R"("settings":[{"setting":"tpmEnabled","verdict":"corrected","after":"true"}],)"
            R"("jobStates":[{"state":4,"name":"Running","at":"2027-01-31T10:20:30.456Z"},)"
            R"({"state":7,"name":"Completed","at":"2027-01-31T10:20:30.456Z"}],)"
            R"("jobErrorCode":32773,"errorTexts":["No key protector."],)"
            R"("tookMilliseconds":1234})");
}

TEST(Payload, IsOneLineOfUtf8WhateverTheHostSaid) {
  Settled end = settled("c");
  end.error_texts = {"line\nline", "\xFF"};
  const std::string text = payload(end);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find(R"(["line\nline","�"])"), std::string::npos) << text;
}

struct TimeCase {
  std::chrono::milliseconds since_1970;
  const char* text;
};

TEST(TimeText, IsUtcWithMilliseconds) {
  using std::chrono::milliseconds;
  for (const auto& [since_1970, text] :
       {TimeCase{milliseconds(0), "1970-01-01T00:00:00.000Z"},
        TimeCase{milliseconds(1), "1970-01-01T00:00:00.001Z"},
        TimeCase{milliseconds(-1), "1969-12-31T23:59:59.999Z"},
        TimeCase{milliseconds(951'782'400'000), "2000-02-29T00:00:00.000Z"},
        TimeCase{milliseconds(1'801'390'830'456), "2027-01-31T10:20:30.456Z"}})
    EXPECT_EQ(time_text(WallTime(since_1970)), text);
}

std::vector<ChainLink> chain_of(const std::vector<std::string>& payloads) {
  std::vector<ChainLink> links;
  std::string previous = first_hash();
  for (const std::string& text : payloads) {
    previous = chained_hash(previous, text);
    links.push_back({static_cast<std::int64_t>(links.size()) + 1, text, previous});
  }
  return links;
}

TEST(Chain, IsSha256OfTheHashBeforeAndThePayload) {
  // printf '%064d\n{}' 0 | sha256sum
  EXPECT_EQ(first_hash(), std::string(64, '0'));
  EXPECT_EQ(chained_hash(first_hash(), "{}"),
            "5649d09ed68c17156095d175eef152856c5b1a81c117c409c1e00f096aa6838e");
}

TEST(Chain, HoldsForWhatWasWritten) {
  EXPECT_TRUE(verify_chain({}));
  EXPECT_TRUE(verify_chain(chain_of({"a", "b", "c"})));
}

TEST(Chain, ShowsEveryKindOfForgery) {
  const auto whole = chain_of({"a", "b", "c"});

  auto edited = whole;
  edited[1].payload = "B";
  EXPECT_NE(verify_chain(edited).error().detail.find("record 2"), std::string::npos);

  auto edited_with_its_hash = edited;
  edited_with_its_hash[1].hash = chained_hash(whole[0].hash, "B");
  EXPECT_NE(verify_chain(edited_with_its_hash).error().detail.find("record 3"), std::string::npos);

  auto cut = whole;
  cut.erase(cut.begin() + 1);
  EXPECT_NE(verify_chain(cut).error().detail.find("record 2 is missing"), std::string::npos);

  auto cut_and_renumbered = cut;
  cut_and_renumbered[1].sequence = 2;
  EXPECT_FALSE(verify_chain(cut_and_renumbered));

  auto swapped = whole;
  std::swap(swapped[0].payload, swapped[1].payload);
  EXPECT_FALSE(verify_chain(swapped));

  auto beheaded = whole;
  beheaded.erase(beheaded.begin());
  EXPECT_FALSE(verify_chain(beheaded));
}

}  // namespace
}  // namespace hvsec::ledger
