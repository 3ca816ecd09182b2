#include <algorithm>
#include <vector>

#include "tests/wsman/session_fixture.hpp"

namespace hvsec::wsman::test {
namespace {

using namespace std::chrono_literals;

// Where in an exchange the host closes the connection.
struct CloseCase {
  const char* name;
  std::size_t bytes;  // Of the answer, before it closes.
};

const CloseCase close_cases[] = {
    {"WithoutAnAnswer", 0},
    {"InTheStatusLine", 5},
    {"InTheHeader", 40},
    {"InTheBody", 200},
};

TEST_F(SessionTest, AReadWhoseConnectionIsLostIsRepeatedAndThenTransient) {
  for (const CloseCase& c : close_cases) {
    SCOPED_TRACE(c.name);
    start([&c](const Received& request) {
      return Reply{.bytes = good_answer(request).substr(0, c.bytes), .close = true};
    });
    const auto object = get();
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, ErrorKind::transient) << object.error().detail;
    EXPECT_EQ(server_->requests().size(), 4u);
  }
}

TEST_F(SessionTest, AChangeWhoseConnectionIsLostIsIndeterminateAndNeverRepeated) {
  for (const CloseCase& c : close_cases) {
    SCOPED_TRACE(c.name);
    start([&c](const Received& request) {
      return Reply{.bytes = good_answer(request).substr(0, c.bytes), .close = true};
    });
    const auto result = invoke();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::indeterminate) << result.error().detail;
    EXPECT_EQ(server_->requests().size(), 1u);
  }
}

// The host takes a second request on a kept connection and closes instead of answering.
Reply answer_first_of_each_connection(const Received& request, std::size_t& last) {
  const bool first = request.connection != last;
  last = request.connection;
  if (first) return Reply{good_answer(request)};
  return Reply{.bytes = "", .close = true};
}

TEST_F(SessionTest, AReadOnAConnectionThatTheHostClosesIsRepeatedOnce) {
  std::size_t last = 0;
  start(
      [&last](const Received& request) { return answer_first_of_each_connection(request, last); });
  ASSERT_TRUE(get());
  EXPECT_TRUE(get());
  EXPECT_EQ(server_->connections(), 2u);
  EXPECT_EQ(server_->requests().size(), 3u);
}

TEST_F(SessionTest, AChangeOnAConnectionThatTheHostClosesIsNotRepeated) {
  std::size_t last = 0;
  start(
      [&last](const Received& request) { return answer_first_of_each_connection(request, last); });
  ASSERT_TRUE(get());
  const auto result = invoke();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::indeterminate);
  EXPECT_EQ(server_->requests().size(), 2u);
}

// Repeating a Pull could skip the items of the answer that was lost.
TEST_F(SessionTest, APullOnAConnectionThatTheHostClosesIsNotRepeated) {
  int enumerations = 0;
  start([&enumerations](const Received& request) {
    if (request.body.find("<n:Enumerate>") == std::string::npos)
      return Reply{.bytes = "", .close = true};
    const std::string context = "c" + std::to_string(++enumerations);
    return Reply{ok(batch("EnumerateResponse", 0, 1, context, false, request.message_id))};
  });
  const auto items = enumerate();
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::transient);
  std::vector<std::string> pulled;
  for (const Received& request : server_->requests())
    if (request.body.find("<n:Pull>") != std::string::npos)
      pulled.push_back(text_of(request.body, "n:EnumerationContext"));
  EXPECT_EQ(pulled, (std::vector<std::string>{"c1", "c2", "c3"}));
}

TEST_F(SessionTest, AnIdleConnectionThatTheHostClosedIsNotUsedForAChange) {
  start([](const Received& request) {
    // It says that it keeps the connection, and closes it.
    return Reply{.bytes = good_answer(request), .close = request.number == 1};
  });
  ASSERT_TRUE(get());
  while (server_->open_connections() > 0) loop_.context().run_one();
  const auto result = invoke();
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(SessionTest, AHostThatClosesAtOnceIsTransientEvenForAReadOnly) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  server_->refuse(1, 100);
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::transient);
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(SessionTest, NobodyListeningIsTransientEvenForAChange) {
  std::uint16_t port = 0;
  {
    EventLoop other;
    port = LoopbackServer(other.executor(), {}).port();
  }
  connect({.url = "http://127.0.0.1:" + std::to_string(port)});
  const auto result = invoke();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::transient);
  EXPECT_EQ(result.error().code.domain, ErrorDomain::system);
  EXPECT_NE(result.error().detail.find("could not connect"), std::string::npos);
  EXPECT_NE(result.error().detail.find(std::to_string(port)), std::string::npos);
}

TEST_F(SessionTest, SilenceEndsWithTheRequestsLimit) {
  SessionOptions options;
  options.limits.request = 40ms;
  start([](const Received&) { return Reply{.hang = true}; }, options);
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::transient);
  EXPECT_NE(object.error().detail.find("no answer within"), std::string::npos);
  const auto result = invoke();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::indeterminate);
  while (server_->open_connections() > 0) loop_.context().run_one();
}

TEST_F(SessionTest, TricklingBytesDoNotExtendTheLimit) {
  SessionOptions options;
  options.limits.request = 40ms;
  start(
      [](const Received& request) {
        return Reply{.bytes = good_answer(request).substr(0, 150), .hang = true};
      },
      options);
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::transient);
}

TEST_F(SessionTest, TheWaitForATurnEndsWithTheCall) {
  SessionOptions options;
  options.limits.concurrent_requests = 1;
  options.limits.call = 60ms;
  start([](const Received&) { return Reply{.hang = true}; }, options);
  std::vector<ErrorKind> kinds;
  for (int i = 0; i < 3; ++i)
    boost::asio::co_spawn(loop_.context(), session_->invoke(some_path, "M", {}),
                          [&kinds](std::exception_ptr, const Result<cim::MethodResult>& got) {
                            ASSERT_FALSE(got);
                            kinds.push_back(got.error().kind);
                          });
  while (kinds.size() < 3) loop_.context().run_one();
  // Whoever had no turn did not reach the host, and says so. The calls end at nearly the same
  // moment: one more may get the turn of the first with next to no time left.
  const auto unsure = static_cast<std::size_t>(std::ranges::count(kinds, ErrorKind::indeterminate));
  EXPECT_GE(unsure, 1U);
  EXPECT_GE(std::ranges::count(kinds, ErrorKind::transient), 1);
  EXPECT_EQ(unsure + static_cast<std::size_t>(std::ranges::count(kinds, ErrorKind::transient)), 3U);
  EXPECT_LE(server_->requests().size(), unsure);
}

TEST_F(SessionTest, AnAnswerToAnotherRequestIsNeverBelieved) {
  start([](const Received&) { return Reply{ok(envelope("<X/>", "uuid:OTHER"))}; });
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::invalid);
  const auto result = invoke();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::indeterminate);
}

TEST_F(SessionTest, AnAnswerThatRelatesToNothingIsNeverBelieved) {
  start([](const Received&) { return Reply{ok(envelope("<X/>", ""))}; });
  EXPECT_FALSE(get());
}

TEST_F(SessionTest, GarbageIsRefused) {
  const std::string garbage[] = {
      ok("this is not XML"),         ok("<html/>"),          ok(""), ok("<!DOCTYPE x><x/>"),
      "SSH-2.0-OpenSSH_9.2\r\n\r\n", std::string(5000, '\0')};
  for (const std::string& bytes : garbage) {
    SCOPED_TRACE(bytes.substr(0, 40));
    start([&bytes](const Received&) { return Reply{.bytes = bytes, .close = true}; });
    const auto object = get();
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, ErrorKind::invalid);
    const auto result = invoke();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::indeterminate);
  }
}

TEST_F(SessionTest, AHugeAnswerIsRefusedAndItsConnectionClosed) {
  SessionOptions options;
  options.limits.envelope_bytes = 8192;
  options.limits.answer_bytes = 10'000;
  start(
      [](const Received& request) {
        return Reply{
            .bytes = ok(envelope("<X>" + std::string(20'000, 'x') + "</X>", request.message_id)),
            .hang = true};
      },
      options);
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::invalid);
  EXPECT_NE(object.error().detail.find("10000"), std::string::npos);
  while (server_->open_connections() > 0) loop_.context().run_one();
}

TEST_F(SessionTest, AFaultIsTheHostsOwnWord) {
  start([](const Received&) { return Reply{status(500, sample("fault_wmi_not_found.xml"))}; });
  const ErrorCode not_found{ErrorDomain::wmi, cim::wbem_e_not_found};
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::terminal);
  EXPECT_EQ(object.error().code, not_found);
  const auto result = invoke();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::terminal);
  EXPECT_EQ(result.error().code, not_found);
}

TEST_F(SessionTest, AStatusWithoutSoapIsExplained) {
  start([](const Received&) { return Reply{status(500, "<html>it broke</html>")}; });
  EXPECT_EQ(get().error().kind, ErrorKind::transient);
  EXPECT_EQ(invoke().error().kind, ErrorKind::indeterminate);
}

TEST_F(SessionTest, RefusedCredentialsAreNotTriedAgain) {
  SessionOptions options;
  options.credentials = BasicCredentials{"svc", Secret("hidden")};
  options.allow_unencrypted = true;
  start([](const Received&) { return Reply{status(401, "", "WWW-Authenticate: Negotiate\r\n")}; },
        options);
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::terminal);
  EXPECT_EQ(object.error().code, (ErrorCode{ErrorDomain::http, 401}));
  EXPECT_NE(object.error().detail.find("accepts Negotiate"), std::string::npos);
  EXPECT_EQ(object.error().detail.find("hidden"), std::string::npos);
  EXPECT_EQ(server_->requests().size(), 1u);
}

}  // namespace
}  // namespace hvsec::wsman::test
