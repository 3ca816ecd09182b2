#include <array>
#include <memory>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "src/wsman/stream.hpp"
#include "tests/wsman/event_loop.hpp"

namespace hvsec::wsman {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t buffer_size = 8;

/// A stream, and whom it is connected to: what is sent is there before it is asked for.
class TcpStreamTest : public testing::Test {
 protected:
  TcpStreamTest() {
    Route route;
    route.endpoint = *parse_endpoint("http://127.0.0.1:" + std::to_string(port()) + "/wsman");
    stream_ = make_tcp_stream(loop_.executor(), std::move(route));
    opened_ = loop_.run(stream_->open()).has_value();
    if (opened_) peer_ = acceptor_.accept();
  }

  void send(const std::string& text) { boost::asio::write(peer_, boost::asio::buffer(text)); }
  void hang_up() { peer_.close(); }

  // What one read gives, or why none does.
  std::string read() {
    std::array<char, buffer_size> buffer{};
    const auto count = loop_.run(stream_->read_some(buffer.data(), buffer.size()));
    if (!count) return text(count.error());
    return {buffer.data(), *count};
  }

  std::uint16_t port() { return acceptor_.local_endpoint().port(); }

  test::EventLoop loop_;
  // Else the loop stops for good once a read is done.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.executor()};
  tcp::acceptor acceptor_{loop_.context(), {boost::asio::ip::address_v4::loopback(), 0}};
  tcp::socket peer_{loop_.context()};
  std::unique_ptr<Stream> stream_;
  bool opened_ = false;
};

TEST_F(TcpStreamTest, ReadsWhatHasCome) {
  ASSERT_TRUE(opened_);
  send("short");
  EXPECT_EQ(read(), "short");
}

TEST_F(TcpStreamTest, GoesOnAfterAFullBuffer) {
  ASSERT_TRUE(opened_);
  send("12345678abcdefghrest");
  EXPECT_EQ(read(), "12345678");
  EXPECT_EQ(read(), "abcdefgh");
  EXPECT_EQ(read(), "rest");
}

// A full buffer says that more is likely, not that it is there.
TEST_F(TcpStreamTest, WaitsAfterAFullBufferForWhatComesLater) {
  ASSERT_TRUE(opened_);
  send("12345678");
  EXPECT_EQ(read(), "12345678");
  boost::asio::post(loop_.context(), [this] { send("later"); });
  EXPECT_EQ(read(), "later");
}

TEST_F(TcpStreamTest, SeesTheEndAfterAFullBuffer) {
  ASSERT_TRUE(opened_);
  send("12345678");
  hang_up();
  EXPECT_EQ(read(), "12345678");
  EXPECT_EQ(read(), "");
}

TEST_F(TcpStreamTest, SeesABrokenConnectionAfterAFullBuffer) {
  ASSERT_TRUE(opened_);
  send("12345678");
  EXPECT_EQ(read(), "12345678");
  peer_.set_option(boost::asio::socket_base::linger(true, 0));
  hang_up();
  EXPECT_NE(read().find("the connection was lost"), std::string::npos);
}

// It neither waits nor is answered on another turn: an answer that is there is read as a whole.
TEST_F(TcpStreamTest, ReadsAllThatIsThereInOneTurn) {
  ASSERT_TRUE(opened_);
  const std::string sent(10 * buffer_size, 'x');
  send(sent);
  EXPECT_EQ(read().size(), buffer_size);
  std::string rest;
  bool others_had_a_turn = false;
  const auto all = [&]() -> awaitable<Result<bool>> {
    boost::asio::post(loop_.context(), [&] { others_had_a_turn = true; });
    std::array<char, buffer_size> buffer{};
    while (rest.size() + buffer_size < sent.size()) {
      const auto count = co_await stream_->read_some(buffer.data(), buffer.size());
      if (!count) co_return fail(count.error());
      rest.append(buffer.data(), *count);
    }
    co_return others_had_a_turn;
  };
  const auto done = loop_.run(all());
  ASSERT_TRUE(done);
  EXPECT_FALSE(*done);
}

}  // namespace
}  // namespace hvsec::wsman
