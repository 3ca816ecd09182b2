#include "src/wsman/challenges.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/wsman/base64.hpp"

namespace hvsec::wsman::test {
namespace {

using Fields = std::vector<std::string>;

TEST(Challenges, AreReadOneToAFieldOrAllInOne) {
  for (const Fields& fields : {Fields{"Negotiate", "Kerberos", "Basic realm=\"WSMAN\""},
                               Fields{"Negotiate, Kerberos, Basic realm=\"WSMAN\""}}) {
    EXPECT_EQ(challenge_token(fields, "Negotiate"), "");
    EXPECT_EQ(challenge_token(fields, "kerberos"), "");
    EXPECT_EQ(challenge_token(fields, "Digest"), std::nullopt);
    EXPECT_EQ(challenge_token(fields, "WSMAN"), std::nullopt);
    EXPECT_EQ(challenge_schemes(fields), "Negotiate, Kerberos, Basic");
  }
}

TEST(Challenges, BringATokenWithTheirScheme) {
  const Fields fields = {"Kerberos QQ==", "Negotiate  YWJj "};
  EXPECT_EQ(challenge_token(fields, "Negotiate"), "YWJj");
  EXPECT_EQ(challenge_token(fields, "Kerberos"), "QQ==");
}

TEST(Challenges, ParametersAreNoSchemes) {
  const Fields fields = {"Digest realm=\"a\", nonce=\"b\", Basic realm=\"c\""};
  EXPECT_EQ(challenge_schemes(fields), "Digest, Basic");
}

TEST(Challenges, OfAStrangerAreShownShortAndPrintable) {
  const Fields fields = {std::string(500, 'x'), "a\x01\x1b[31m", ""};
  const std::string shown = challenge_schemes(fields);
  EXPECT_LT(shown.size(), 200u);
  EXPECT_EQ(shown.find('\x1b'), shown.npos);
  EXPECT_EQ(challenge_schemes({}), "");
}

TEST(Base64, IsThatOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> known = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"\xff\xfe\xfd", "//79"}};
  for (const auto& [plain, text] : known) {
    EXPECT_EQ(base64(plain), text);
    EXPECT_EQ(from_base64(text), plain);
  }
}

TEST(Base64, RefusesAllElse) {
  for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zm9v\n", "Zm 9", "Zg==Zg==", "Z-_v"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hvsec::wsman::test
