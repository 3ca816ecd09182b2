#include "src/http/request_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/http/responses.hpp"

namespace hvsec::test {
namespace {

using http::read_request;
using http::Reading;
using http::RequestHead;

struct HeadCase {
  const char* name;
  std::string bytes;
  const char* method;
  const char* path;
  const char* host;
  bool keep_alive;
};

class RequestHeadTest : public testing::TestWithParam<HeadCase> {};

// Up to its last byte a request is incomplete, and what follows it is not its own.
TEST_P(RequestHeadTest, IsReadOnceItIsComplete) {
  const HeadCase& c = GetParam();
  for (std::size_t size = 0; size < c.bytes.size(); ++size)
    EXPECT_TRUE(std::holds_alternative<http::Incomplete>(read_request(c.bytes.substr(0, size), {})))
        << size;
  const Reading reading = read_request(c.bytes + "GET / HT", {});
  const auto* head = std::get_if<RequestHead>(&reading);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->request.method, c.method);
  EXPECT_EQ(head->request.path, c.path);
  EXPECT_EQ(head->host, c.host);
  EXPECT_EQ(head->keep_alive, c.keep_alive);
  EXPECT_EQ(head->size, c.bytes.size());
}

INSTANTIATE_TEST_SUITE_P(
    , RequestHeadTest,
    testing::Values(
        HeadCase{"Plain", "GET /metrics HTTP/1.1\r\nHost: localhost:9477\r\n\r\n", "GET",
                 "/metrics", "localhost", true},
        HeadCase{"Query", "GET /metrics?a=/b HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/metrics", "x",
                 true},
        HeadCase{"Close", "HEAD / HTTP/1.1\r\nhost: 127.0.0.1\r\nConnection: close\r\n\r\n", "HEAD",
                 "/", "127.0.0.1", false},
        HeadCase{"V6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET", "/", "[::1]", true},
        HeadCase{"OldVersion", "GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
        HeadCase{"WholeUrl", "GET HTTP://evil.example:80/x?y HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 "GET", "/x", "evil.example", true},
        HeadCase{"UrlWithoutPath", "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "", "h",
                 true},
        HeadCase{"UrlOfNothing", "GET httP:// HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "", "", true},
        HeadCase{"EmptyBody", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "POST",
                 "/", "h", true},
        HeadCase{"UnknownMethod", "BREW * HTTP/1.1\r\nHost: h\r\n\r\n", "BREW", "*", "h", true}),
    [](const auto& test) { return test.param.name; });

struct RefusalCase {
  const char* name;
  std::string bytes;
  int status;
};

class RequestRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(RequestRefusalTest, HasAStatusAndQuotesNothing) {
  const Reading reading = read_request(GetParam().bytes, {});
  const auto* refusal = std::get_if<http::Refusal>(&reading);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, GetParam().status);
  EXPECT_EQ(http::respond(*refusal).status, GetParam().status);
  EXPECT_THAT(refusal->reason, testing::Not(testing::HasSubstr("zzz")));
}

std::string with_fields(std::size_t count) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < count; ++i) bytes += "a: b\r\n";
  return bytes + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    , RequestRefusalTest,
    testing::Values(
        RefusalCase{"Garbage", "zzz\r\n\r\n", 400}, RefusalCase{"Nothing", "\r\n\r\n", 400},
        RefusalCase{"Tls", std::string("\x16\x03\x01\0\xff\r\n\r\n", 9), 400},
        RefusalCase{"OtherVersion", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
        RefusalCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        RefusalCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: zzz\r\nHost: b\r\n\r\n", 400},
        RefusalCase{"FoldedField", "GET / HTTP/1.1\r\nHost: h\r\nzzz\r\n\r\n", 400},
        RefusalCase{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        RefusalCase{"Body", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nzzz", 400},
        RefusalCase{"Chunks", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                    400},
        RefusalCase{"TwoLengths",
                    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n",
                    400},
        RefusalCase{"LengthAndChunks",
                    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n",
                    400},
        RefusalCase{"TooManyFields", with_fields(65), 431},
        RefusalCase{"LongPath", "GET /" + std::string(8192, 'z') + " HTTP/1.1\r\nHost: h\r\n\r\n",
                    431},
        RefusalCase{"EndlessHeader", "GET / HTTP/1.1\r\nHost: " + std::string(8192, 'z'), 431},
        RefusalCase{"EndlessGarbage", std::string(8192, 'z'), 431}),
    [](const auto& test) { return test.param.name; });

TEST(RequestReaderTest, AsManyFieldsAsAreAllowedAreRead) {
  EXPECT_TRUE(std::holds_alternative<RequestHead>(read_request(with_fields(64), {})));
}

struct RespondCase {
  const char* name;
  const char* method;
  const char* path;
  const char* host;
  bool loopback;
  int status;
};

class RespondTest : public testing::TestWithParam<RespondCase> {};

TEST_P(RespondTest, OnlyWhatIsSafeGetsAsFarAsTheHandler) {
  const RespondCase& c = GetParam();
  const RequestHead head{.request = {.method = c.method, .path = c.path}, .host = c.host};
  int calls = 0;
  const auto response = http::respond(head, c.loopback, [&](const http::Request&) {
    ++calls;
    return http::Response{.status = 200, .content_type = "text/plain", .body = ""};
  });
  EXPECT_EQ(response.status, c.status);
  EXPECT_EQ(calls, c.status == 200 ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    , RespondTest,
    testing::Values(RespondCase{"Get", "GET", "/", "localhost", true, 200},
                    RespondCase{"Head", "HEAD", "/", "LocalHost", true, 200},
                    RespondCase{"Address", "GET", "/", "127.0.0.1", true, 200},
                    RespondCase{"V6", "GET", "/", "[::1]", true, 200},
                    RespondCase{"NoHost", "GET", "/", "", true, 200},
                    RespondCase{"Rebound", "GET", "/", "evil.example", true, 421},
                    RespondCase{"LooksLocal", "GET", "/", "localhost.evil.example", true, 421},
                    RespondCase{"NameOnANetwork", "GET", "/", "hvsec.example", false, 200},
                    RespondCase{"Post", "POST", "/", "localhost", true, 405},
                    RespondCase{"LowerCase", "get", "/", "localhost", true, 405},
                    RespondCase{"Options", "OPTIONS", "*", "localhost", true, 405},
                    RespondCase{"NoPath", "GET", "", "localhost", true, 400},
                    RespondCase{"Star", "GET", "*", "localhost", true, 400}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::test
