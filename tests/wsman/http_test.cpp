#include "src/wsman/http.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hvsec::wsman::http {
namespace {

constexpr std::string_view simple =
    "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 5\r\n\r\nhello";

// Feeds `bytes` in pieces of `piece`; the answer, or why there is none. Ends with a close.
Result<Answer> feed(std::string_view bytes, std::size_t piece, AnswerLimits limits = {}) {
  AnswerReader reader(limits);
  while (!bytes.empty()) {
    const auto space = reader.space();
    const std::size_t count = std::min({piece, bytes.size(), space.size()});
    std::copy_n(bytes.data(), count, space.data());
    bytes.remove_prefix(count);
    const auto done = reader.received(count);
    if (!done) return fail(done.error());
    if (*done) return reader.take();
  }
  if (const auto closed = reader.closed(); !closed) return fail(closed.error());
  return reader.take();
}

TEST(HttpTest, WritesARequest) {
  Request request{"hv:5985", "/wsman", "application/soap+xml;charset=UTF-8", {{"X", "y"}}, "body"};
  EXPECT_EQ(serialize(request),
            "POST /wsman HTTP/1.1\r\nHost: hv:5985\r\nUser-Agent: hvsec\r\n"
            "Content-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: 4\r\nX: y\r\n"
            "\r\nbody");
}

TEST(HttpTest, ReadsChunksInPiecesOfAnySize) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::pair<std::string, std::string>> all = {
      {"0\r\n\r\n", ""},
      {"1\r\na\r\n0\r\n\r\n", "a"},
      {"5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n", "helloabc"}};
  for (const auto& [chunks, body] : all) {
    for (std::size_t piece = 1; piece <= head.size() + chunks.size(); ++piece) {
      const auto answer = feed(head + chunks, piece);
      ASSERT_TRUE(answer) << piece << ": " << answer.error().detail;
      EXPECT_EQ(answer->body, body);
    }
  }
}

TEST(HttpTest, ANumberThatIsNoStatusEndsNothing) {
  for (const char* status : {"000", "100", "199"}) {
    const std::string bytes = "HTTP/1.0 " + std::string(status) + " OK\r\n\r\nuntil it closes";
    EXPECT_FALSE(feed(bytes, 9)) << status;
  }
}

TEST(HttpTest, ReadsAnAnswerInPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= simple.size(); ++piece) {
    const auto answer = feed(simple, piece);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->content_type, "application/soap+xml");
    EXPECT_TRUE(answer->keep_alive);
  }
}

TEST(HttpTest, ReadsWhenToAskAgain) {
  const auto read = [](const std::string& value) {
    const auto answer =
        feed("HTTP/1.1 503 Busy\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n", 7);
    EXPECT_TRUE(answer);
    return answer ? answer->retry_after : std::nullopt;
  };
  using std::chrono::seconds;
  EXPECT_EQ(read("0"), seconds(0));
  EXPECT_EQ(read("120"), seconds(120));
  EXPECT_EQ(read("86401"), seconds(86400));
  EXPECT_EQ(read("99999999999999999999"), seconds(86400));
  EXPECT_EQ(read("-1"), std::nullopt);
  EXPECT_EQ(read("1.5"), std::nullopt);
  EXPECT_EQ(read(""), std::nullopt);
  EXPECT_EQ(read("Fri, 31 Dec 2027 23:59:59 GMT"), std::nullopt);
  EXPECT_EQ(feed(simple, 7)->retry_after, std::nullopt);
}

TEST(HttpTest, EveryTruncationIsAnError) {
  for (std::size_t size = 0; size < simple.size(); ++size) {
    const auto answer = feed(simple.substr(0, size), 7);
    ASSERT_FALSE(answer) << size;
    EXPECT_EQ(answer.error().kind, ErrorKind::transient);
  }
}

TEST(HttpTest, AnAnswerOfUnstatedLengthEndsWithTheConnection) {
  const auto answer = feed("HTTP/1.1 200 OK\r\n\r\nhello", 4);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_FALSE(answer->keep_alive);
}

TEST(HttpTest, ConnectionCloseIsHonoured) {
  const auto closed = feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 9);
  ASSERT_TRUE(closed);
  EXPECT_FALSE(closed->keep_alive);
  const auto old = feed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 9);
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->keep_alive);
}

TEST(HttpTest, WhatFollowsAnAnswerSpoilsTheConnection) {
  const auto answer = feed(std::string(simple) + "HTTP/1.1 200 OK\r\n", 1000);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->keep_alive);
}

TEST(HttpTest, InterimAnswersArePassedOverButNotForEver) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto answer = feed(interim + interim + std::string(simple), 5);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200u);
  std::string endless;
  for (int i = 0; i < 20; ++i) endless += interim;
  EXPECT_FALSE(feed(endless + std::string(simple), 1000));
}

TEST(HttpTest, CollectsTheChallenges) {
  const auto answer = feed(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic "
      "realm=\"WSMAN\"\r\nContent-Length: 0\r\n\r\n",
      1000);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401u);
  EXPECT_EQ(answer->challenges, (std::vector<std::string>{"Negotiate", "Basic realm=\"WSMAN\""}));
}

TEST(HttpTest, LimitsHold) {
  const AnswerLimits limits{.header_bytes = 1024, .body_bytes = 100};
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string large(101, 'x');
  const std::vector<std::string> hostile = {
      ok + "X: " + std::string(2000, 'x') + "\r\n\r\n",
      ok + std::string(2000, 'x'),
      ok + "Content-Length: 101\r\n\r\n" + large,
      ok + "Content-Length: 99999999999999999999\r\n\r\n",
      ok + "Content-Length: 18446744073709551615\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n65\r\n" + large + "\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n" + large,
      ok + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x'),
      ok + "\r\n" + large,
  };
  for (const std::string& bytes : hostile)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, bytes.size()}) {
      const auto answer = feed(bytes, piece, limits);
      ASSERT_FALSE(answer) << bytes.substr(0, 60);
      EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << bytes.substr(0, 60);
    }
}

TEST(HttpTest, WhatIsNotHttpIsRefused) {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"),
        std::string("\x15\x03\x03\0\x02\x02\x46", 7) + std::string(20, 0),
        std::string("HTTP/1.1 abc OK\r\n\r\n"), std::string("HTTP/9.9 200 OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")}) {
    const auto answer = feed(bytes, 1000);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << bytes;
  }
}

}  // namespace
}  // namespace hvsec::wsman::http
