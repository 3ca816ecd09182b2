#include "src/simulator/answer_writer.hpp"

#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Keeps what is written, and has a client that goes after it has sent a little more.
class KeptStream final : public Stream {
 public:
  asio::awaitable<Code> start() override { co_return Code(); }
  asio::awaitable<std::size_t> read_some(std::span<char>) override {
    co_return ++reads < 3 ? 1 : 0;
  }
  asio::awaitable<bool> write(const std::string& data) override {
    pieces.push_back(data.size());
    if (bytes.size() < 1'000'000) bytes += data;
    total += data.size();
    co_return true;
  }
  asio::awaitable<void> finish() override {
    finished = true;
    co_return;
  }
  void shut_down_sending() override { shut_down = true; }
  void close() override {}
  [[nodiscard]] Wire wire() override { return {}; }

  std::string bytes;
  std::vector<std::size_t> pieces;
  std::size_t total = 0;
  int reads = 0;
  bool finished = false;
  bool shut_down = false;
};

class AnswerWriterTest : public testing::Test {
 protected:
  // Whether the connection can take another request.
  bool write(Delivery delivery, std::string body = "<answer/>", bool keep_alive = true) {
    HttpReply reply;
    reply.body = std::move(body);
    reply.delivery = delivery;
    asio::io_context context(1);
    AnswerWriter writer(context.get_executor(), stream_);
    bool goes_on = false;
    const auto keep = [&](const std::exception_ptr& failure, bool value) {
      EXPECT_FALSE(failure);
      goes_on = value;
    };
    asio::co_spawn(context, writer.write(std::move(reply), keep_alive), keep);
    context.run();
    return goes_on;
  }

  // The last answer that was written, as an HTTP library reads it.
  http::response<http::string_body> parsed() {
    std::string bytes = stream_.bytes;
    for (;;) {
      http::response_parser<http::string_body> parser;
      parser.body_limit(boost::none);
      parser.eager(true);
      boost::system::error_code error;
      const std::size_t used = parser.put(asio::buffer(bytes), error);
      EXPECT_FALSE(error) << error.message();
      const auto status = parser.get().result_int();
      if (error || status >= 200) {
        EXPECT_TRUE(parser.is_done());
        return parser.release();
      }
      bytes.erase(0, used);
    }
  }

  KeptStream stream_;
};

TEST_F(AnswerWriterTest, WritesAWholeAnswerAtOnce) {
  EXPECT_TRUE(write({}));
  EXPECT_EQ(stream_.bytes,
            "HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\n"
            "Content-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: 9\r\n\r\n"
            "<answer/>");
  EXPECT_EQ(stream_.pieces.size(), 1U);
  EXPECT_FALSE(stream_.finished);
}

TEST_F(AnswerWriterTest, SaysGoodbyeWhereTheClientWants) {
  EXPECT_FALSE(write({}, "<answer/>", false));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\nConnection: close\r\n\r\n<answer/>"));
  EXPECT_TRUE(stream_.finished);
}

TEST_F(AnswerWriterTest, ClosesAfterTheAnswer) {
  EXPECT_FALSE(write({.close = true}));
  EXPECT_EQ(parsed().body(), "<answer/>");
  EXPECT_EQ(parsed()[http::field::connection], "close");
}

TEST_F(AnswerWriterTest, CutsAtEveryByte) {
  EXPECT_TRUE(write({}));
  const std::string whole = std::exchange(stream_.bytes, {});
  for (std::size_t cut = 1; cut <= whole.size(); ++cut) {
    stream_.bytes.clear();
    EXPECT_FALSE(write({.cut_at = cut}));
    EXPECT_EQ(stream_.bytes, whole.substr(0, cut));
  }
  stream_.bytes.clear();
  EXPECT_TRUE(write({.cut_at = whole.size() + 1}));
  EXPECT_EQ(stream_.bytes, whole);
}

TEST_F(AnswerWriterTest, ATooLargeLengthEndsTheConnection) {
  EXPECT_FALSE(write({.length_error = 5}));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\nContent-Length: 14\r\n"));
  EXPECT_THAT(stream_.bytes, EndsWith("\r\n\r\n<answer/>"));
  EXPECT_TRUE(stream_.finished);
}

TEST_F(AnswerWriterTest, ATooSmallLengthLeavesARestForTheNextAnswer) {
  EXPECT_TRUE(write({.length_error = -5}));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\nContent-Length: 4\r\n"));
  EXPECT_THAT(stream_.bytes, EndsWith("\r\n\r\n<answer/>"));
  stream_.bytes.clear();
  EXPECT_TRUE(write({.length_error = -500}));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\nContent-Length: 0\r\n"));
}

TEST_F(AnswerWriterTest, ChunksAreValid) {
  const std::string body(2'500, 'x');
  EXPECT_TRUE(write({.chunked = true}, body));
  EXPECT_EQ(parsed().body(), body);
  EXPECT_THAT(stream_.bytes, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\n3e8\r\n"));
  stream_.bytes.clear();
  EXPECT_TRUE(write({.chunked = true}, ""));
  EXPECT_EQ(parsed().body(), "");
}

TEST_F(AnswerWriterTest, InterimAnswersGoBefore) {
  EXPECT_TRUE(write({.interim = 4}));
  EXPECT_THAT(stream_.bytes, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 "));
  EXPECT_EQ(parsed().body(), "<answer/>");
}

TEST_F(AnswerWriterTest, GarbageIsTheSameEveryTime) {
  EXPECT_FALSE(write({.garbage = 10'000}));
  const std::string first = std::exchange(stream_.bytes, {});
  EXPECT_EQ(first.size(), 10'000U);
  EXPECT_EQ(std::set<char>(first.begin(), first.end()).size(), 256U);
  EXPECT_FALSE(write({.garbage = 10'000}));
  EXPECT_EQ(stream_.bytes, first);
}

TEST_F(AnswerWriterTest, AGiantAnswerIsNeverInMemory) {
  constexpr std::uint64_t giant = 100'000'000;
  EXPECT_TRUE(write({.filler = giant, .filler_at = 3}, "<a></a>"));
  EXPECT_THAT(stream_.bytes, HasSubstr("\r\nContent-Length: 100000007\r\n\r\n<a>   "));
  const std::size_t head = stream_.bytes.find("\r\n\r\n") + 4;
  EXPECT_EQ(stream_.total, head + giant + 7);
  EXPECT_LE(*std::max_element(stream_.pieces.begin(), stream_.pieces.end()), 65'536U);
}

TEST_F(AnswerWriterTest, ASlowBodyComesInPieces) {
  EXPECT_TRUE(write({.bytes_per_second = 1'000'000}, std::string(120'000, 'x')));
  const auto head = stream_.bytes.find("\r\n\r\n") + 4;
  EXPECT_THAT(stream_.pieces, testing::ElementsAre(head, 50'000, 50'000, 20'000));
}

TEST_F(AnswerWriterTest, KeepsSilentInThreeWays) {
  EXPECT_FALSE(write({.silence = Silence::closed}));
  EXPECT_EQ(stream_.reads, 0);
  EXPECT_FALSE(write({.silence = Silence::open}));
  EXPECT_EQ(stream_.reads, 3);
  EXPECT_FALSE(stream_.shut_down);
  stream_.reads = 0;
  EXPECT_FALSE(write({.silence = Silence::half_closed}));
  EXPECT_EQ(stream_.reads, 3);
  EXPECT_TRUE(stream_.shut_down);
  EXPECT_EQ(stream_.bytes, "");
}

TEST_F(AnswerWriterTest, TroublesAddUp) {
  const std::string body(3'000, 'x');
  EXPECT_FALSE(write({.chunked = true, .interim = 1, .close = true}, body));
  EXPECT_EQ(parsed().body(), body);
  stream_.bytes.clear();
  EXPECT_FALSE(write({.cut_at = 600, .chunked = true, .interim = 1}, body));
  EXPECT_EQ(stream_.bytes.size(), 600U);
}

}  // namespace
}  // namespace hvsec::simulator
