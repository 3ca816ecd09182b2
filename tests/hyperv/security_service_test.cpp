// Callers who want the service while the answer to where it is has not come.
#include "src/hyperv/security_service.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "reconciler/concurrency.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

namespace asio = boost::asio;
constexpr const char* method = "GetKeyProtector";

class SecurityServiceTest : public testing::Test {
 protected:
  SecurityServiceTest() : answer_(context_.get_executor()) {
    session_.instances["Msvm_SecurityService"] = {test::security_service()};
    session_.methods[method] = [](const cim::ObjectPath&, const std::vector<cim::Property>&) {
      return cim::MethodResult{};
    };
    session_.before_rows = [this] { return answer_.wait(); };
  }

  void call(std::size_t caller) {
    asio::co_spawn(context_, service_.call(method, "settings"),
                   asio::bind_cancellation_slot(
                       cancel_[caller].slot(),
                       [this, caller](std::exception_ptr, Result<cim::MethodResult> told) {
                         ended_[caller] = std::move(told);
                       }));
    go_on();
  }

  void cancel(std::size_t caller) {
    cancel_[caller].emit(asio::cancellation_type::terminal);
    go_on();
  }

  void let_it_answer() {
    answer_.ring();
    go_on();
  }

  [[nodiscard]] bool succeeded(std::size_t caller) const {
    return ended_[caller] && ended_[caller]->has_value();
  }

  [[nodiscard]] long times_asked() const {
    return std::ranges::count_if(session_.asked, [](const test::Asked& asked) {
      return asked.what.ends_with("FROM Msvm_SecurityService");
    });
  }
  [[nodiscard]] long times_called() const {
    return std::ranges::count(session_.asked, method, &test::Asked::what);
  }

  asio::io_context context_{1};
  Bell answer_;
  test::FakeSession session_;
  SecurityService service_{session_};
  std::array<asio::cancellation_signal, 2> cancel_;
  std::array<std::optional<Result<cim::MethodResult>>, 2> ended_;

 private:
  void go_on() {
    context_.restart();
    context_.poll();
  }
};

TEST_F(SecurityServiceTest, CallsThatOverlapShareOneQuestion) {
  call(0);
  call(1);
  EXPECT_EQ(times_called(), 0);
  let_it_answer();
  EXPECT_TRUE(succeeded(0));
  EXPECT_TRUE(succeeded(1));
  EXPECT_EQ(times_asked(), 1);
  EXPECT_EQ(times_called(), 2);
}

TEST_F(SecurityServiceTest, CallsThatOverlapShareItsFailure) {
  session_.instances["Msvm_SecurityService"].clear();
  call(0);
  call(1);
  let_it_answer();
  ASSERT_TRUE(ended_[0] && ended_[1]);
  EXPECT_EQ(ended_[0]->error().kind, ErrorKind::terminal);
  EXPECT_EQ(ended_[1]->error().detail, ended_[0]->error().detail);
  EXPECT_EQ(times_asked(), 1);
  EXPECT_EQ(times_called(), 0);
}

TEST_F(SecurityServiceTest, WhoWaitsAsksAnewWhenWhoAskedIsCancelled) {
  call(0);
  call(1);
  cancel(0);
  EXPECT_FALSE(ended_[1]);
  let_it_answer();
  EXPECT_TRUE(succeeded(1));
  EXPECT_EQ(times_asked(), 2);
  EXPECT_EQ(times_called(), 1);
}

TEST_F(SecurityServiceTest, WhoIsCancelledWhileWaitingLeavesTheQuestionToTheOther) {
  call(0);
  call(1);
  cancel(1);
  EXPECT_FALSE(ended_[0]);
  let_it_answer();
  EXPECT_TRUE(succeeded(0));
  EXPECT_FALSE(succeeded(1));
  EXPECT_EQ(times_asked(), 1);
  EXPECT_EQ(times_called(), 1);
}

TEST_F(SecurityServiceTest, WhatWasAnsweredOnceIsKnown) {
  call(0);
  let_it_answer();
  call(1);
  EXPECT_TRUE(succeeded(1));
  EXPECT_EQ(times_asked(), 1);
}

}  // namespace
}  // namespace hvsec::hyperv
