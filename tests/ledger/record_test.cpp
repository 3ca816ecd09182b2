#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/chain.hpp"
#include "src/ledger/time_text.hpp"

namespace hvsec::ledger {
namespace {

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
        TimeCase{milliseconds(1'801'390'830'456), "2027-01-31T10:20:30.456Z"}}) {
    EXPECT_EQ(time_text(WallTime(since_1970)), text);
    EXPECT_EQ(parse_time(text), WallTime(since_1970)) << text;
  }
}

TEST(TimeText, IsReadOnlyAsItIsWritten) {
  for (const char* text :
       {"", "2027", "2027-01-31T10:20:30Z", "2027-01-31T10:20:30.456+", "2027-01-31 10:20:30.456Z",
        "2027-02-29T10:20:30.456Z", "2027-13-01T10:20:30.456Z", "2027-01-31T24:00:00.000Z",
        "2027-01-31T10:60:30.456Z", "2027-01-31T10:20:60.456Z", "2027-01-31T10:20:-3.456Z",
        "1500-01-31T10:20:30.456Z", "9999-01-31T10:20:30.456Z", "2027-01-31T10:20:30.456Z "}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
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
