#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "reconciler/wall_time.hpp"
#include "src/ledger/chain.hpp"

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
    EXPECT_EQ(rfc3339(WallTime(since_1970)), text);
    EXPECT_EQ(parse_rfc3339(text), WallTime(since_1970)) << text;
  }
}

TEST(TimeText, IsReadOnlyAsItIsWritten) {
  for (const char* text :
       {"", "2027", "2027-01-31T10:20:30Z", "2027-01-31T10:20:30.456+", "2027-01-31 10:20:30.456Z",
        "2027-02-29T10:20:30.456Z", "2027-13-01T10:20:30.456Z", "2027-01-31T24:00:00.000Z",
        "2027-01-31T10:60:30.456Z", "2027-01-31T10:20:60.456Z", "2027-01-31T10:20:-3.456Z",
        "1500-01-31T10:20:30.456Z", "9999-01-31T10:20:30.456Z", "2027-01-31T10:20:30.456Z "}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Chain, IsSha256OfTheHashBeforeAndThePayload) {
  // printf '%064d\n{}' 0 | sha256sum
  EXPECT_EQ(first_hash(), std::string(64, '0'));
  EXPECT_EQ(chained_hash(first_hash(), "{}"),
            "5649d09ed68c17156095d175eef152856c5b1a81c117c409c1e00f096aa6838e");
}

}  // namespace
}  // namespace hvsec::ledger
