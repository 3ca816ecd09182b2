#include "src/platform/service_signals.hpp"

#include <csignal>
#include <exception>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/platform/signal_stop.hpp"

namespace hvsec::test {
namespace {

namespace asio = boost::asio;
using platform::ServiceSignal;
using testing::ElementsAre;

// Fetches one signal after the other, until it is cancelled.
awaitable<void> fetch_all(platform::ServiceSignals& signals, std::vector<ServiceSignal>& heard) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (const auto signal = co_await signals.next()) heard.push_back(*signal);
}

class ServiceSignalsTest : public testing::Test {
 protected:
  void start() {
    asio::co_spawn(context_, fetch_all(*signals_, heard_),
                   asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr error) {
                     thrown_ = std::move(error);
                     ended_ = true;
                   }));
    context_.poll();
  }

  void run_until_heard(std::size_t count) {
    while (heard_.size() < count) context_.run_one();
  }

  asio::io_context context_;
  asio::cancellation_signal cancel_;
  std::unique_ptr<platform::ServiceSignals> signals_ =
      platform::make_service_signals(context_.get_executor());
  std::vector<ServiceSignal> heard_;
  std::exception_ptr thrown_;
  bool ended_ = false;
};

TEST_F(ServiceSignalsTest, EachIsHeardAsItComes) {
  start();
  EXPECT_THAT(heard_, ElementsAre());
  std::raise(SIGUSR1);
  run_until_heard(1);
  std::raise(SIGHUP);
  run_until_heard(2);
  std::raise(SIGUSR1);
  run_until_heard(3);
  EXPECT_THAT(heard_, ElementsAre(ServiceSignal::check_now, ServiceSignal::reload,
                                  ServiceSignal::check_now));
}

TEST_F(ServiceSignalsTest, WhatComesWhileNobodyWaitsIsKeptOnce) {
  // The handler writes to a pipe that is read in order: after the stop all others are in.
  const auto stop = platform::make_signal_stop(context_.get_executor(), [](int) {});
  for (const int signal : {SIGUSR1, SIGHUP, SIGHUP, SIGUSR1, SIGHUP, SIGTERM}) std::raise(signal);
  while (!stop->requested()) context_.run_one();
  context_.poll();
  start();
  run_until_heard(2);
  context_.poll();
  EXPECT_THAT(heard_, ElementsAre(ServiceSignal::reload, ServiceSignal::check_now));
}

TEST_F(ServiceSignalsTest, ACancelledWaitReturnsNothing) {
  start();
  cancel_.emit(asio::cancellation_type::terminal);
  while (!ended_) context_.run_one();
  EXPECT_FALSE(thrown_);
  EXPECT_THAT(heard_, ElementsAre());
}

// Were the signals still taken, or had they their default effect, this program would tell.
TEST_F(ServiceSignalsTest, OnceItIsGoneTheSignalsAreAsBefore) {
  signals_.reset();
  EXPECT_EXIT(std::raise(SIGHUP), testing::KilledBySignal(SIGHUP), "");
  EXPECT_EXIT(std::raise(SIGUSR1), testing::KilledBySignal(SIGUSR1), "");
}

}  // namespace
}  // namespace hvsec::test
