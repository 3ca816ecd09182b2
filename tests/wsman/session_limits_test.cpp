#include "tests/wsman/session_fixture.hpp"

namespace hvsec::wsman::test {
namespace {

std::size_t count(const LoopbackServer& server, std::string_view element) {
  std::size_t found = 0;
  for (const Received& request : server.requests())
    if (request.body.find(element) != std::string::npos) ++found;
  return found;
}

// A host that always has more: `items` in every answer.
LoopbackServer::Script endless(int items) {
  return [items](const Received& request) {
    const bool release = request.body.find("<n:Release>") != std::string::npos;
    if (release) return Reply{ok(envelope("", request.message_id))};
    const char* response = request.number == 1 ? "EnumerateResponse" : "PullResponse";
    return Reply{ok(batch(response, 0, items, "c", false, request.message_id))};
  };
}

void expect_given_up(const Result<std::vector<cim::Instance>>& items,
                     const LoopbackServer& server) {
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::invalid) << items.error().detail;
  EXPECT_EQ(count(server, "<n:Release>"), 1u);
  EXPECT_EQ(text_of(server.requests().back().body, "n:EnumerationContext"), "c");
}

TEST_F(SessionTest, TooManyObjectsAreGivenUpAndReleased) {
  SessionOptions options;
  options.limits.call_items = 10;
  start(endless(4), options);
  expect_given_up(enumerate(), *server_);
  EXPECT_EQ(count(*server_, "<n:Pull>"), 2u);
}

TEST_F(SessionTest, TooManyBytesAreGivenUpAndReleased) {
  SessionOptions options;
  options.limits.call_bytes = 5000;
  start(endless(4), options);
  expect_given_up(enumerate(), *server_);
}

TEST_F(SessionTest, TooManyPullsAreGivenUpAndReleased) {
  SessionOptions options;
  options.limits.call_pulls = 7;
  start(endless(1), options);
  expect_given_up(enumerate(), *server_);
  EXPECT_EQ(count(*server_, "<n:Pull>"), 7u);
}

TEST_F(SessionTest, PullsThatBringNothingAreGivenUpAndReleased) {
  start(endless(0));
  expect_given_up(enumerate(), *server_);
  EXPECT_LT(count(*server_, "<n:Pull>"), 10u);
}

TEST_F(SessionTest, AFailedPullReleasesTheEnumeration) {
  start([](const Received& request) {
    if (request.number == 1)
      return Reply{ok(batch("EnumerateResponse", 0, 1, "c", false, request.message_id))};
    if (request.number == 2) return Reply{ok("garbage")};
    return Reply{ok(envelope("", request.message_id))};
  });
  expect_given_up(enumerate(), *server_);
}

TEST_F(SessionTest, AnEnumerationThatEndedIsNotReleased) {
  start([](const Received& request) {
    return Reply{ok(batch("EnumerateResponse", 0, 11, "still here", true, request.message_id))};
  });
  ASSERT_TRUE(enumerate());
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(SessionTest, AnEnumerationWithNeitherContextNorEndIsRefused) {
  start([](const Received& request) {
    return Reply{ok(batch("EnumerateResponse", 0, 1, "", false, request.message_id))};
  });
  const auto items = enumerate();
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::invalid);
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(SessionTest, ARequestThatCannotBeWrittenIsNeverSent) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  cim::ObjectPath path = some_path;
  path.keys["Name"] = std::string("a\0b", 3);
  const auto result = loop_.run(session_->invoke(path, "M", {}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(SessionTest, ACancelledReadEndsAtOnceAndClosesItsConnection) {
  start([](const Received&) { return Reply{.hang = true}; });
  const auto when = [this] { return !server_->requests().empty(); };
  const auto object = loop_.run_and_cancel(session_->get(some_path), when);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::cancelled);
  while (server_->open_connections() > 0) loop_.context().run_one();
}

TEST_F(SessionTest, ACancelledChangeMayHaveHappened) {
  start([](const Received&) { return Reply{.hang = true}; });
  const auto when = [this] { return !server_->requests().empty(); };
  const auto result = loop_.run_and_cancel(session_->invoke(some_path, "M", {}), when);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::indeterminate);
}

TEST_F(SessionTest, ACancelledChangeThatWasStillWaitingHasNotHappened) {
  SessionOptions options;
  options.limits.concurrent_requests = 1;
  start([](const Received&) { return Reply{.hang = true}; }, options);
  boost::asio::cancellation_signal first;
  bool ended = false;
  boost::asio::co_spawn(
      loop_.context(), session_->get(some_path),
      boost::asio::bind_cancellation_slot(
          first.slot(), [&](std::exception_ptr, const Result<cim::Instance>&) { ended = true; }));
  while (server_->requests().empty()) loop_.context().run_one();
  const auto result =
      loop_.run_and_cancel(session_->invoke(some_path, "M", {}), [] { return true; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(server_->requests().size(), 1u);
  first.emit(boost::asio::cancellation_type::terminal);
  while (!ended) loop_.context().run_one();
}

// Cancelling must never lose a turn: the session would come to a standstill.
TEST_F(SessionTest, ATurnComesBackAfterCancellation) {
  SessionOptions options;
  options.limits.concurrent_requests = 1;
  bool hang = true;
  start(
      [&hang](const Received& request) {
        return hang ? Reply{.hang = true} : Reply{good_answer(request)};
      },
      options);
  for (std::size_t i = 1; i <= 5; ++i) {
    const auto when = [this, i] { return server_->requests().size() == i; };
    EXPECT_FALSE(loop_.run_and_cancel(session_->get(some_path), when));
  }
  hang = false;
  EXPECT_TRUE(get());
}

// Cancelled after every number of steps of the event loop: it ends, and the session goes on.
TEST_F(SessionTest, CancellationAtEveryStepLeavesTheSessionWell) {
  start([](const Received& request) {
    const std::string& id = request.message_id;
    if (request.body.find("<n:Enumerate>") != std::string::npos)
      return Reply{ok(batch("EnumerateResponse", 0, 1, "c", false, id))};
    return Reply{ok(batch("PullResponse", 1, 1, "", true, id))};
  });
  bool completed = false;
  for (int step = 0; !completed; ++step) {
    ASSERT_LT(step, 1000);
    int steps = 0;
    const auto when = [&steps, step] { return steps++ == step; };
    try {
      const auto items = loop_.run_and_cancel(session_->enumerate(some_query), when);
      completed = steps <= step;
      EXPECT_TRUE(items || !completed);
      if (!items) {
        EXPECT_EQ(items.error().kind, ErrorKind::cancelled) << items.error().detail;
      }
    } catch (const boost::system::system_error& thrown) {
      EXPECT_EQ(thrown.code(), boost::asio::error::operation_aborted);
    }
    ASSERT_TRUE(enumerate()) << "after a cancellation at step " << step;
  }
}

}  // namespace
}  // namespace hvsec::wsman::test
