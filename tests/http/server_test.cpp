#include "src/http/server.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/raw_client.hpp"

namespace hvsec::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string get_root = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string close_root = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

http::Response answer(const http::Request& request) {
  if (request.path == "/") return {200, "text/plain", "up\n"};
  if (request.path == "/large")
    return {200, "text/plain", std::string(std::size_t{64} << 20U, 'x')};
  return {404, "text/plain", request.method + " " + request.path + "\n"};
}

// The server on a thread of its own, so that clients may block.
class ServerTest : public testing::Test {
 public:
  ServerTest() = default;
  ServerTest(const ServerTest&) = delete;
  ServerTest& operator=(const ServerTest&) = delete;
  ~ServerTest() override {
    end_server();
    guard_.reset();
    thread_.join();
  }

 protected:
  void start(http::Limits limits = {}) {
    on_its_thread([&] {
      const auto address = http::parse_listen_address("127.0.0.1:0");
      auto server = http::serve(context_.get_executor(), *address, counted(answer), limits);
      ASSERT_TRUE(server) << server.error().detail;
      server_ = std::move(*server);
    });
  }

  void end_server() {
    on_its_thread([&] { server_.reset(); });
  }

  RawClient client() { return RawClient(port()); }

  std::uint16_t port() {
    std::uint16_t port = 0;
    on_its_thread([&] { port = server_->port(); });
    return port;
  }

  // Whether the server takes a new client's request and answers it.
  bool serves() {
    RawClient fresh = client();
    fresh.send(close_root);
    return fresh.receive_all().starts_with("HTTP/1.1 200");
  }

  int calls() const { return calls_; }

 private:
  template <class Work>
  void on_its_thread(Work work) {
    std::promise<void> done;
    asio::post(context_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  http::Handler counted(http::Handler handler) {
    return [this, handler](const http::Request& request) {
      ++calls_;
      return handler(request);
    };
  }

  std::atomic<int> calls_ = 0;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::unique_ptr<http::Server> server_;
  std::thread thread_{[this] { context_.run(); }};
};

TEST_F(ServerTest, AnswersAGetAndKeepsTheConnection) {
  start();
  RawClient a_client = client();
  for (int i = 0; i < 3; ++i) {
    a_client.send(get_root);
    EXPECT_EQ(a_client.receive_response(),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
              "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
              "Connection: keep-alive\r\n\r\nup\n");
  }
}

TEST_F(ServerTest, AnswersAHeadWithoutABody) {
  start();
  RawClient a_client = client();
  a_client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string response = a_client.receive_all();
  EXPECT_THAT(response, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(response, EndsWith("Connection: close\r\n\r\n"));
}

TEST_F(ServerTest, HandsTheHandlerThePathAndPassesItsStatusOn) {
  start();
  RawClient a_client = client();
  a_client.send("GET /none?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string response = a_client.receive_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\nGET /none\n"));
}

TEST_F(ServerTest, RequestsInOnePieceAreAnsweredInTheirOrder) {
  start();
  RawClient a_client = client();
  a_client.send(get_root + "GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n" + close_root);
  const std::string responses = a_client.receive_all();
  const auto first = responses.find("up\n");
  const auto second = responses.find("GET /b\n");
  EXPECT_LT(first, second);
  EXPECT_NE(second, std::string::npos);
  EXPECT_NE(responses.rfind("up\n"), first);
}

TEST_F(ServerTest, ARequestByteByByteIsARequest) {
  start();
  RawClient a_client = client();
  for (const char c : close_root) a_client.send({&c, 1});
  EXPECT_THAT(a_client.receive_all(), EndsWith("up\n"));
}

TEST_F(ServerTest, WhoHasSaidAllStillGetsTheAnswer) {
  start();
  RawClient a_client = client();
  a_client.send(get_root);
  a_client.end_sending();
  EXPECT_THAT(a_client.receive_all(), EndsWith("up\n"));
}

TEST_F(ServerTest, OtherMethodsAreRefusedAndSayWhichAreNot) {
  start();
  RawClient a_client = client();
  a_client.send("DELETE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string response = a_client.receive_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_EQ(calls(), 0);
}

TEST_F(ServerTest, AWebPageThatPointsItsNameHereReadsNothing) {
  start();
  RawClient a_client = client();
  a_client.send("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(a_client.receive_all(), StartsWith("HTTP/1.1 421 "));
  EXPECT_EQ(calls(), 0);
}

TEST_F(ServerTest, WhoIsRefusedWhileStillSendingHearsWhy) {
  start();
  RawClient a_client = client();
  a_client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n");
  a_client.send(std::string(50'000, 'x'));
  EXPECT_THAT(a_client.receive_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, AnEndlessHeaderEndsTheConnection) {
  start();
  RawClient a_client = client();
  a_client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  bool taken = true;
  for (int i = 0; taken && i < 100'000; ++i) taken = a_client.send("a: 0123456789abcdef\r\n");
  EXPECT_FALSE(taken);
  EXPECT_TRUE(serves());
}

TEST_F(ServerTest, GarbageNeverHurts) {
  start();
  for (unsigned seed = 1; seed <= 200; ++seed) {
    RawClient a_client = client();
    std::string bytes;
    unsigned number = seed;
    for (unsigned i = 0; i < seed * 7; ++i) {
      number = number * 1'664'525U + 1'013'904'223U;
      bytes += static_cast<char>(number >> 24U);
    }
    a_client.send(bytes + "\r\n\r\n");
    EXPECT_THAT(a_client.receive_all(), StartsWith("HTTP/1.1 4")) << seed;
  }
  EXPECT_TRUE(serves());
}

TEST_F(ServerTest, WhoSaysNothingIsLeft) {
  start({.request = 50ms});
  EXPECT_EQ(client().receive_all(), "");
  RawClient idle = client();
  idle.send(get_root);
  EXPECT_THAT(idle.receive_all(), EndsWith("up\n"));
}

// The time is for the whole request: a byte now and then does not prolong it.
TEST_F(ServerTest, WhoSpeaksSlowlyIsLeft) {
  start({.request = 50ms});
  RawClient slow = client();
  slow.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
  bool left = false;
  for (int i = 0; !left && i < 2000; ++i) {
    slow.send("x");
    left = slow.hears(5);
  }
  EXPECT_TRUE(left);
  EXPECT_EQ(slow.receive_all(), "");
}

TEST_F(ServerTest, WhoDoesNotTakeTheResponseIsLeft) {
  start({.response = 50ms});
  RawClient stubborn = client();
  stubborn.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // The server's end of the connection is gone once a send fails.
  bool gone = false;
  for (int i = 0; !gone && i < 2000; ++i) {
    gone = !stubborn.send(get_root);
    ASSERT_TRUE(serves());
  }
  EXPECT_TRUE(gone);
}

TEST_F(ServerTest, ABusyConnectionEndsToo) {
  start({.connection = 100ms});
  RawClient busy = client();
  bool answered = true;
  int answers = 0;
  while (answered && busy.send(get_root)) {
    answered = !busy.receive_response().empty();
    if (answered) ++answers;
  }
  EXPECT_GT(answers, 0);
  EXPECT_TRUE(serves());
}

TEST_F(ServerTest, ConnectionsOnTopAreClosedAndTheOthersKept) {
  start({.connections = 3, .request = 1min});
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(client());
    clients.back().send(get_root);
    EXPECT_THAT(clients.back().receive_response(), EndsWith("up\n"));
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client().receive_all(), "");
  for (RawClient& one : clients) {
    one.send(get_root);
    EXPECT_THAT(one.receive_response(), EndsWith("up\n"));
  }
  clients.pop_back();
  bool served = false;
  for (int i = 0; !served && i < 10'000; ++i) served = serves();
  EXPECT_TRUE(served);
}

TEST_F(ServerTest, ItsEndEndsItsConnections) {
  start({.request = 1min});
  RawClient idle = client();
  idle.send(get_root);
  EXPECT_THAT(idle.receive_response(), EndsWith("up\n"));
  RawClient halfway = client();
  halfway.send("GET / HT");
  RawClient writing = client();
  writing.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(writing.hears(60'000));
  end_server();
  const int before = calls();
  EXPECT_EQ(idle.receive_all(), "");
  halfway.send("TP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(halfway.receive_all(), "");
  EXPECT_LT(writing.receive_all().size(), std::size_t{64} << 20U);
  EXPECT_EQ(calls(), before);
}

TEST_F(ServerTest, APortThatIsTakenIsSaidSo) {
  start();
  asio::io_context context;
  const http::ListenAddress address{.host = "127.0.0.1", .port = port()};
  const auto second = http::serve(context.get_executor(), address, answer);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::terminal);
  EXPECT_THAT(second.error().detail, HasSubstr("cannot listen on " + http::text(address)));
  EXPECT_THAT(second.error().detail, HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace hvsec::test
