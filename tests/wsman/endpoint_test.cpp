#include "src/wsman/endpoint.hpp"

#include <gtest/gtest.h>

namespace hvsec::wsman {
namespace {

TEST(EndpointTest, ReadsUrls) {
  struct Case {
    const char* url;
    Endpoint want;
    const char* authority;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"http://hv", {false, "hv", 5985, "/wsman"}, "hv:5985"},
           {"https://hv", {true, "hv", 5986, "/wsman"}, "hv:5986"},
           {"HTTPS://HV-1.Example.com:443/wsman",
            {true, "hv-1.example.com", 443, "/wsman"},
            "hv-1.example.com:443"},
           {"http://127.0.0.1:41234/hv-a/wsman",
            {false, "127.0.0.1", 41234, "/hv-a/wsman"},
            "127.0.0.1:41234"},
           {"https://[FE80::1]", {true, "fe80::1", 5986, "/wsman"}, "[fe80::1]:5986"},
           {"https://[::1]:1/", {true, "::1", 1, "/"}, "[::1]:1"},
       }) {
    SCOPED_TRACE(c.url);
    const auto endpoint = parse_endpoint(c.url);
    ASSERT_TRUE(endpoint) << endpoint.error().detail;
    EXPECT_EQ(*endpoint, c.want);
    EXPECT_EQ(endpoint->authority(), c.authority);
    EXPECT_EQ(parse_endpoint(endpoint->url()).value_or(Endpoint()), *endpoint);
  }
}

TEST(EndpointTest, RefusesWhatItCannotReach) {
  for (const char* url : {"",
                          "hv",
                          "hv:5985",
                          "ftp://hv",
                          "://hv",
                          "http://",
                          "http:///wsman",
                          "http://:5985",
                          "http://hv:",
                          "http://hv:0",
                          "http://hv:65536",
                          "http://hv:-1",
                          "http://hv:1a",
                          "http://h v",
                          "http://h\tv/",
                          "http://h\r\nX: y/",
                          "http://hv/a b",
                          "http://hv/a\r\nX:y",
                          "http://hv/a?b",
                          "http://hv/#c",
                          "http://hv?b",
                          "http://[::1",
                          "http://[::1]x",
                          "http://[hv]",
                          "http://[]",
                          "http://::1",
                          "http://h\xC3\xA4v",
                          "http://user:secret@hv/wsman"}) {
    SCOPED_TRACE(url);
    const auto endpoint = parse_endpoint(url);
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().kind, ErrorKind::invalid);
    EXPECT_EQ(endpoint.error().detail.find("secret"), std::string::npos);
  }
  EXPECT_FALSE(parse_endpoint("http://" + std::string(254, 'a')));
}

TEST(EndpointTest, KnowsThisMachine) {
  const auto loopback = [](const char* url) { return parse_endpoint(url)->loopback(); };
  EXPECT_TRUE(loopback("http://127.0.0.1"));
  EXPECT_TRUE(loopback("http://127.9.9.9"));
  EXPECT_TRUE(loopback("http://[::1]"));
  EXPECT_TRUE(loopback("http://LocalHost"));
  EXPECT_FALSE(loopback("http://10.0.0.1"));
  EXPECT_FALSE(loopback("http://[::2]"));
  EXPECT_FALSE(loopback("http://localhost.example.com"));
  EXPECT_FALSE(loopback("http://127.0.0.1.example.com"));
}

}  // namespace
}  // namespace hvsec::wsman
