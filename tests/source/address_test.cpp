#include "src/source/address.hpp"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::source {
namespace {

using Scheme = Address::Scheme;

struct Good {
  const char* url;
  Scheme scheme;
  const char* host;
  std::uint16_t port;
  const char* user;
  const char* path;
  const char* shown;
  friend void PrintTo(const Good& c, std::ostream* out) { *out << c.url; }
};

const Good good[] = {
    {"https://git.example.com/a/b.git", Scheme::https, "git.example.com", 443, "", "/a/b.git",
     "https://git.example.com/a/b.git"},
    {"https://[::1]:8443/b", Scheme::https, "::1", 8443, "", "/b", "https://[::1]:8443/b"},
    {"ssh://me@host:2222/b.git", Scheme::ssh, "host", 2222, "me", "/b.git",
     "ssh://host:2222/b.git"},
    {"ssh://host/b.git", Scheme::ssh, "host", 22, "git", "/b.git", "ssh://host/b.git"},
    {"git@host:a/b.git", Scheme::ssh, "host", 22, "git", "a/b.git", "host:a/b.git"},
    {"git@[::1]:b.git", Scheme::ssh, "::1", 22, "git", "b.git", "[::1]:b.git"},
    {"file:///srv/b.git", Scheme::file, "", 0, "", "/srv/b.git", "file:///srv/b.git"},
    {"/srv/b.git", Scheme::file, "", 0, "", "/srv/b.git", "/srv/b.git"},
};

class GoodAddressTest : public testing::TestWithParam<Good> {};

TEST_P(GoodAddressTest, IsTakenApart) {
  const Good& c = GetParam();
  const auto address = parse_address(c.url);
  ASSERT_TRUE(address) << address.error().detail;
  EXPECT_EQ(address->scheme, c.scheme);
  EXPECT_EQ(address->host, c.host);
  EXPECT_EQ(address->port, c.port);
  EXPECT_EQ(address->user, c.user);
  EXPECT_EQ(address->path, c.path);
  EXPECT_EQ(address->shown, c.shown);
}

INSTANTIATE_TEST_SUITE_P(, GoodAddressTest, testing::ValuesIn(good));

class BadAddressTest : public testing::TestWithParam<const char*> {};

TEST_P(BadAddressTest, IsRefusedWithoutRepeatingIt) {
  const auto address = parse_address(GetParam());
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::invalid);
  EXPECT_THAT(address.error().detail, testing::Not(testing::HasSubstr("s3cret")));
}

INSTANTIATE_TEST_SUITE_P(, BadAddressTest,
                         testing::Values("", "nothing", "http://host/b.git", "git://host/b.git",
                                         "ftp://host/b", "https://me:s3cret@host/b.git",
                                         "https://s3cret@host/b.git", "ssh://me:s3cret@host/b.git",
                                         "https://host", "https://host/", "https:///b",
                                         "https://host:0/b", "https://host:99999/b",
                                         "https://host:x/b", "https://[::1/b",
                                         "https://host/b?token=s3cret", "https://host/b#s3cret",
                                         "https://host/a b", "https://host/a\nb", "file://host/b",
                                         "host:", "ext::sh -c s3cret", "ext::s3cret",
                                         "https://a/b@s3cret", "-oProxy=s3cret:/b"));

TEST(AddressTest, NamesTheAuthorityAsHttpWantsIt) {
  EXPECT_EQ(parse_address("https://host/b")->authority(), "host");
  EXPECT_EQ(parse_address("https://host:8443/b")->authority(), "host:8443");
  EXPECT_EQ(parse_address("https://[::1]:8443/b")->authority(), "[::1]:8443");
}

}  // namespace
}  // namespace hvsec::source
