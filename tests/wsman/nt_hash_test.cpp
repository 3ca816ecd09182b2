#include "src/wsman/auth/nt_hash.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hvsec::wsman::test {
namespace {

TEST(NtHash, IsThatOfTheSpecification) {
  // The second is MS-NLMP 4.2.2.1.2; the last was made with iconv and openssl.
  const std::vector<std::pair<std::string, std::string>> known = {
      {"", "31D6CFE0D16AE931B73C59D7E0C089C0"},
      {"Password", "A4F49C406510BDCAB6824EE7C30FD852"},
      {"Gr\xc3\xbc\xc3\x9f"
       "e \xf0\x9f\x94\x91 \xe4\xbb\xae",
       "01E794FA19EF6363A1A377634C6378C0"}};
  for (const auto& [password, hash] : known) {
    const auto made = nt_hash(password);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->reveal(), hash) << password;
  }
}

TEST(NtHash, OfWhatIsNoTextIsRefusedWithoutShowingIt) {
  for (const char* password : {"secret\xff", "secret\xc3", "secret\xed\xa0\x80"}) {
    const auto made = nt_hash(password);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::invalid);
    EXPECT_EQ(made.error().detail.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace hvsec::wsman::test
