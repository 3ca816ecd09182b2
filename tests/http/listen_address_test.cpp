#include "src/http/listen_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using http::ListenAddress;
using http::parse_listen_address;

struct AddressCase {
  const char* name;
  const char* text;
  ListenAddress want;
  const char* written;
  bool loopback;
};

class ListenAddressTest : public testing::TestWithParam<AddressCase> {};

TEST_P(ListenAddressTest, IsReadAndWritten) {
  const AddressCase& c = GetParam();
  const auto address = parse_listen_address(c.text);
  ASSERT_TRUE(address) << address.error().detail;
  EXPECT_EQ(*address, c.want);
  EXPECT_EQ(http::text(*address), c.written);
  EXPECT_EQ(http::is_loopback(*address), c.loopback);
}

INSTANTIATE_TEST_SUITE_P(
    , ListenAddressTest,
    testing::Values(
        AddressCase{"V4", "127.0.0.1:9477", {"127.0.0.1", 9477}, "127.0.0.1:9477", true},
        AddressCase{"PortAlone", ":9477", {"127.0.0.1", 9477}, "127.0.0.1:9477", true},
        AddressCase{"Localhost", "localhost:0", {"127.0.0.1", 0}, "127.0.0.1:0", true},
        AddressCase{"V6", "[::1]:65535", {"::1", 65535}, "[::1]:65535", true},
        AddressCase{"EveryV4", "0.0.0.0:80", {"0.0.0.0", 80}, "0.0.0.0:80", false},
        AddressCase{"EveryV6", "[::]:80", {"::", 80}, "[::]:80", false},
        AddressCase{"AnotherLoopback", "127.9.9.9:1", {"127.9.9.9", 1}, "127.9.9.9:1", true}),
    [](const auto& test) { return test.param.name; });

struct RefusalCase {
  const char* name;
  std::string text;
  const char* says;
};

class ListenAddressRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(ListenAddressRefusalTest, SaysWhatIsWrongAndWhatIsExpected) {
  const auto address = parse_listen_address(GetParam().text);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::invalid);
  EXPECT_THAT(address.error().detail, testing::HasSubstr(GetParam().says));
  EXPECT_THAT(address.error().detail, testing::HasSubstr("127.0.0.1:9477"));
  EXPECT_LT(address.error().detail.size(), 500U);
}

INSTANTIATE_TEST_SUITE_P(
    , ListenAddressRefusalTest,
    testing::Values(RefusalCase{"Empty", "", "\"\": no port"},
                    RefusalCase{"NoPort", "127.0.0.1", "\"127.0.0.1\": no port"},
                    RefusalCase{"EmptyPort", "127.0.0.1:", "\"\" is not a port"},
                    RefusalCase{"PortTooLarge", ":65536", "\"65536\" is not a port"},
                    RefusalCase{"NegativePort", ":-1", "\"-1\" is not a port"},
                    RefusalCase{"PortWithMore", ":80x", "\"80x\" is not a port"},
                    RefusalCase{"Name", "example.com:80", "\"example.com\" is neither"},
                    RefusalCase{"V6WithoutBrackets", "::1:80", "\"::1\" is neither"},
                    RefusalCase{"V4InBrackets", "[127.0.0.1]:80", "\"[127.0.0.1]\" is neither"},
                    RefusalCase{"Control", "a\n\x1b:80", "\"a??\" is neither"},
                    RefusalCase{"Long", std::string(100'000, 'x') + ":80", "is neither"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::test
