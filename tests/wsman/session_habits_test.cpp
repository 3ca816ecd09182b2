#include <algorithm>
#include <array>

#include "tests/wsman/session_fixture.hpp"

/// What real hosts do on ordinary days: they are busy, drop connections, forget enumerations.
namespace hvsec::wsman::test {
namespace {

using namespace std::chrono_literals;

std::string fault(std::string_view subcode, std::uint32_t code, const Received& request) {
  std::string body = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:";
  body.append(subcode).append("</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text>");
  body += "</s:Reason><s:Detail><f:WSManFault xmlns:f='http://schemas.microsoft.com/wbem/wsman/1/";
  body += "wsmanfault' Code='" + std::to_string(code) + "'/></s:Detail></s:Fault>";
  return status(500, envelope(body, request.message_id));
}

std::string operation(const Received& request) {
  for (const char* name : {"Enumerate", "Pull", "Release"})
    if (request.body.find("<n:" + std::string(name) + ">") != std::string::npos) return name;
  return "other";
}

std::vector<std::string> operations(const LoopbackServer& server) {
  std::vector<std::string> all;
  for (const Received& request : server.requests()) all.push_back(operation(request));
  return all;
}

// A host with `count` objects: three come at once, the others with as many Pulls as it takes.
// Each context says what comes next.
class PagingHost {
 public:
  explicit PagingHost(int count) : count_(count) {}

  // What happens to a request instead of its answer.
  std::function<std::optional<Reply>(const Received&)> trouble = [](const auto&) {
    return std::nullopt;
  };

  Reply operator()(const Received& request) const {
    const std::string asked = operation(request);
    if (asked == "Release") return Reply{ok(envelope("", request.message_id))};
    if (auto reply = trouble(request)) return *std::move(reply);
    const bool first = asked == "Enumerate";
    const int from = first ? 0 : std::stoi(text_of(request.body, "n:EnumerationContext"));
    const int to = std::min(count_, from + 3);
    return Reply{ok(batch(first ? "EnumerateResponse" : "PullResponse", from, to - from,
                          std::to_string(to), to == count_, request.message_id))};
  }

 private:
  int count_;
};

void expect_all(const Result<std::vector<cim::Instance>>& items, std::size_t count) {
  ASSERT_TRUE(items) << items.error().detail;
  ASSERT_EQ(items->size(), count);
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ((*items)[i].text("Name"), std::to_string(i));
}

// The answers of a host that is busy, until it is not.
using Busy = std::string (*)(const Received&);
constexpr std::array busy_answers = {
    Busy([](const Received& request) { return fault("InternalError", 2150859174, request); }),
    Busy([](const Received& request) { return fault("TimedOut", 2150858793, request); }),
    Busy([](const Received&) { return status(503, "<html/>"); }),
    Busy([](const Received&) { return status(429, "", "Retry-After: 0\r\n"); }),
};

TEST_F(SessionTest, AReadWaitsUntilTheHostIsNoLongerBusy) {
  for (const Busy busy : busy_answers) {
    for (const std::size_t times : {1U, 3U}) {
      start([busy, times](const Received& request) {
        return Reply{request.number <= times ? busy(request) : good_answer(request)};
      });
      const auto object = get();
      ASSERT_TRUE(object) << object.error().detail;
      EXPECT_EQ(server_->requests().size(), times + 1);
    }
  }
}

TEST_F(SessionTest, AHostThatStaysBusyIsGivenUp) {
  for (const Busy busy : busy_answers) {
    start([busy](const Received& request) { return Reply{busy(request)}; });
    const auto object = get();
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, ErrorKind::transient) << object.error().detail;
    EXPECT_NE(object.error().detail.find("asked 4 times"), std::string::npos);
    EXPECT_EQ(server_->requests().size(), 4u);
  }
}

TEST_F(SessionTest, AChangeIsNeverAskedForAgain) {
  for (const Busy busy : busy_answers) {
    start([busy](const Received& request) { return Reply{busy(request)}; });
    EXPECT_FALSE(invoke());
    EXPECT_EQ(server_->requests().size(), 1u);
  }
}

TEST_F(SessionTest, EachTryHasAnIdentifierOfItsOwn) {
  start([](const Received& request) {
    return Reply{request.number == 1 ? status(503, "") : good_answer(request)};
  });
  ASSERT_TRUE(get());
  EXPECT_NE(server_->requests()[0].message_id, server_->requests()[1].message_id);
}

TEST_F(SessionTest, ARetryThatTheHostWantsTooLateIsNotWaitedFor) {
  SessionOptions options;
  options.limits.call = 20s;
  start([](const Received&) { return Reply{status(503, "", "Retry-After: 3600\r\n")}; }, options);
  EXPECT_FALSE(get());
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(SessionTest, APauseEndsWithCancellation) {
  bool pausing = false;
  SessionOptions options;
  options.observer = [&pausing](const Trace&) { pausing = true; };
  start([](const Received&) { return Reply{status(503, "", "Retry-After: 200\r\n")}; }, options);
  const auto object = loop_.run_and_cancel(session_->get(some_path), [&] { return pausing; });
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(SessionTest, APullThatTimedOutOnTheHostIsAskedAgain) {
  PagingHost host(9);
  int times = 0;
  host.trouble = [&](const Received& request) -> std::optional<Reply> {
    if (operation(request) != "Pull" || ++times % 2 == 0) return std::nullopt;
    return Reply{fault("TimedOut", 2150858793, request)};
  };
  start(host);
  expect_all(enumerate(), 9);
  // Nothing was begun again, and each Pull was asked twice with the same context.
  EXPECT_EQ(operations(*server_),
            (std::vector<std::string>{"Enumerate", "Pull", "Pull", "Pull", "Pull"}));
  EXPECT_EQ(text_of(server_->requests()[1].body, "n:EnumerationContext"),
            text_of(server_->requests()[2].body, "n:EnumerationContext"));
}

TEST_F(SessionTest, PullsThatAlwaysTimeOutEnd) {
  PagingHost host(9);
  host.trouble = [](const Received& request) -> std::optional<Reply> {
    if (operation(request) != "Pull") return std::nullopt;
    return Reply{fault("TimedOut", 2150858793, request)};
  };
  start(host);
  const auto items = enumerate();
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::transient);
  EXPECT_EQ(std::ranges::count(operations(*server_), "Pull"), 6);
  EXPECT_EQ(operations(*server_).back(), "Release");
}

// What happens once to a Pull, after which the enumeration has to begin again.
using Loss = Reply (*)(const Received&);
constexpr std::array losses = {
    Loss([](const Received&) { return Reply{.bytes = "", .close = true}; }),
    Loss([](const Received&) { return Reply{.bytes = "HTTP/1.1 200 OK\r\n", .close = true}; }),
    Loss([](const Received& r) { return Reply{fault("InvalidEnumerationContext", 7, r)}; }),
    Loss([](const Received& r) { return Reply{fault("DestinationUnreachable", 0, r)}; }),
    Loss([](const Received& r) { return Reply{fault("InternalError", 2150859174, r)}; }),
    Loss([](const Received&) { return Reply{status(503, "")}; }),
};

TEST_F(SessionTest, AnEnumerationWhosePullWasLostBeginsAgain) {
  for (const Loss loss : losses) {
    for (const std::size_t at : {2U, 3U}) {
      PagingHost host(9);
      host.trouble = [loss, at](const Received& request) {
        return request.number == at ? std::optional(loss(request)) : std::nullopt;
      };
      start(host);
      expect_all(enumerate(), 9);
      EXPECT_EQ(std::ranges::count(operations(*server_), "Enumerate"), 2);
      const std::size_t pulls = at - 1 + 2;
      EXPECT_EQ(std::ranges::count(operations(*server_), "Pull"), static_cast<long>(pulls));
    }
  }
}

TEST_F(SessionTest, AnEnumerationBeginsThreeTimesAtMost) {
  for (const Loss loss : losses) {
    PagingHost host(9);
    host.trouble = [loss](const Received& request) {
      return operation(request) == "Pull" ? std::optional(loss(request)) : std::nullopt;
    };
    start(host);
    const auto items = enumerate();
    ASSERT_FALSE(items);
    EXPECT_EQ(std::ranges::count(operations(*server_), "Enumerate"), 3);
    EXPECT_NE(items.error().detail.find("begun 3 times"), std::string::npos);
  }
}

TEST_F(SessionTest, WhatMayStillBeOpenIsReleasedBeforeAnotherBeginning) {
  PagingHost host(9);
  host.trouble = [](const Received& request) {
    return request.number == 3 ? std::optional(Reply{status(503, "")}) : std::nullopt;
  };
  start(host);
  expect_all(enumerate(), 9);
  EXPECT_EQ(operations(*server_), (std::vector<std::string>{"Enumerate", "Pull", "Pull", "Release",
                                                            "Enumerate", "Pull", "Pull"}));
  EXPECT_EQ(text_of(server_->requests()[3].body, "n:EnumerationContext"), "6");
}

TEST_F(SessionTest, APullThatNobodyAnswersIsNotBegunAgain) {
  SessionOptions options;
  options.limits.request = 40ms;
  PagingHost host(9);
  host.trouble = [](const Received& request) {
    return request.number > 1 ? std::optional(Reply{.hang = true}) : std::nullopt;
  };
  start(host, options);
  const auto items = enumerate();
  ASSERT_FALSE(items);
  EXPECT_NE(items.error().detail.find("no answer within"), std::string::npos);
  EXPECT_EQ(std::ranges::count(operations(*server_), "Enumerate"), 1);
}

// Answers that hold more than `most` items do not fit.
Reply envelope_for(std::uint32_t most, const Received& request, PagingHost& host) {
  const bool first = operation(request) == "Enumerate";
  const auto asked = text_of(request.body, first ? "w:MaxElements" : "n:MaxElements");
  if (!asked.empty() && std::stoul(asked) > most)
    return Reply{fault("EncodingLimit", 2150859025, request)};
  return host(request);
}

TEST_F(SessionTest, WhatDoesNotFitIsAskedForInSmallerPieces) {
  PagingHost host(9);
  start([&host](const Received& request) { return envelope_for(600, request, host); });
  expect_all(enumerate(), 9);
  // 32000, 8000, 2000 and 500; and from then on 500 at once.
  EXPECT_EQ(std::ranges::count(operations(*server_), "Enumerate"), 4);
  const std::size_t before = server_->requests().size();
  expect_all(enumerate(), 9);
  EXPECT_EQ(server_->requests().size() - before, 3u);
  EXPECT_EQ(text_of(server_->requests().back().body, "n:MaxElements"), "500");
}

TEST_F(SessionTest, APullThatDoesNotFitBeginsAgainInSmallerPieces) {
  PagingHost host(9);
  start([&host](const Received& request) {
    return operation(request) == "Pull" ? envelope_for(1, request, host) : host(request);
  });
  expect_all(enumerate(), 9);
  EXPECT_EQ(text_of(server_->requests().back().body, "n:MaxElements"), "1");
  const auto all = operations(*server_);
  EXPECT_EQ(std::ranges::count(all, "Release"), std::ranges::count(all, "Enumerate") - 1);
}

TEST_F(SessionTest, AnObjectThatNeverFitsIsNamed) {
  start([](const Received& request) { return Reply{fault("EncodingLimit", 2150859025, request)}; });
  const auto items = enumerate();
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::invalid);
  EXPECT_NE(items.error().detail.find("not even one Msvm_X fits"), std::string::npos);
  EXPECT_NE(items.error().detail.find("MaxEnvelopeSizekb"), std::string::npos);
  EXPECT_EQ(server_->requests().size(), 8u);
}

// A quota of one operation at a time, and three enumerations side by side. It helps nobody to give
// up while the one that fills the quota is our own: here it ends after `most` refusals only.
TEST_F(SessionTest, EnumerationsSideBySideShareASmallQuota) {
  for (const int most : {0, 20}) {
    int open = 0;
    int refused = 0;
    start([&, most](const Received& request) {
      const std::string& id = request.message_id;
      if (operation(request) == "Enumerate") {
        if (open == 0) return ++open, Reply{ok(batch("EnumerateResponse", 0, 1, "c", false, id))};
        return ++refused, Reply{fault("InternalError", 2150859174, request)};
      }
      const bool end = refused >= most;
      if (end) --open;
      return Reply{ok(batch("PullResponse", 1, 1, "", end, id))};
    });
    std::size_t done = 0;
    for (int i = 0; i < 3; ++i)
      boost::asio::co_spawn(loop_.context(), session_->enumerate(some_query),
                            [&done](std::exception_ptr, const auto& items) {
                              EXPECT_TRUE(items) << items.error().detail;
                              ++done;
                            });
    while (done < 3) loop_.context().run_one();
    EXPECT_EQ(open, 0);
  }
}

TEST_F(SessionTest, AQuotaThatOthersFillIsGivenUp) {
  start([](const Received& request) { return Reply{fault("QuotaLimit", 0, request)}; });
  EXPECT_FALSE(enumerate());
  EXPECT_EQ(server_->requests().size(), 4u);
}

}  // namespace
}  // namespace hvsec::wsman::test
