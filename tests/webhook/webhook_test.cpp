#include "src/webhook/webhook.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using webhook::make_webhook;
using webhook::Notice;
using webhook::Options;

const std::string secret = "0123456789abcdef-secret";

// A receiver that takes connections, and never says a word.
class MuteReceiver {
 public:
  MuteReceiver() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* address = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(bind(socket_, address, size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, address, &size), 0);
  }
  MuteReceiver(const MuteReceiver&) = delete;
  MuteReceiver& operator=(const MuteReceiver&) = delete;
  ~MuteReceiver() { close(socket_); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/hook";
  }

  // Returns once the webhook has connected to it.
  void wait_for_a_connection() const { close(accept(socket_, nullptr, nullptr)); }

 private:
  int socket_;
  sockaddr_in address_{};
};

class WebhookTest : public testing::Test {
 protected:
  auto make(Options options) {
    return make_webhook(std::move(options), context_.get_executor(),
                        [this](const Notice& notice) { notices_.push_back(notice.message); });
  }

  void deliver_notices() {
    context_.restart();
    context_.poll();
  }

  boost::asio::io_context context_;
  std::vector<std::string> notices_;
};

struct OptionsCase {
  const char* name;
  Options options;
  const char* says;
};

TEST_F(WebhookTest, WhatCannotBeUsedIsSaidWithoutTheSecret) {
  const OptionsCase cases[] = {
      {"url", {.url = "http://hooks.example/", .secret = secret}, "in the clear"},
      {"no secret", {.url = "https://hooks.example/", .secret = ""}, "openssl rand"},
      {"short secret", {.url = "https://hooks.example/", .secret = "secret"}, "openssl rand"},
      {"authorities",
       {.url = "https://hooks.example/", .secret = secret, .ca_file = "/nonexistent/ca.pem"},
       "/nonexistent/ca.pem"}};
  for (const OptionsCase& c : cases) {
    const auto made = make(c.options);
    ASSERT_FALSE(made) << c.name;
    EXPECT_EQ(made.error().kind, ErrorKind::invalid) << c.name;
    EXPECT_THAT(made.error().detail, HasSubstr(c.says)) << c.name;
    EXPECT_THAT(made.error().detail, Not(HasSubstr(secret))) << c.name;
  }
}

TEST_F(WebhookTest, AFullQueueDropsTheOldestAndCounts) {
  const MuteReceiver receiver;
  auto made = make({.url = receiver.url(), .secret = secret, .queue = 3, .attempt_limit = 1h});
  ASSERT_TRUE(made) << made.error().detail;
  auto& hook = **made;
  hook.notify({});
  receiver.wait_for_a_connection();
  for (int i = 0; i < 10; ++i) hook.notify({});
  EXPECT_EQ(hook.counts().dropped, 7U);
  EXPECT_EQ(hook.counts().waiting, 4U);
  deliver_notices();
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_THAT(notices_[0], HasSubstr("more than 3 are waiting"));
  EXPECT_THAT(notices_[0], Not(HasSubstr("/hook")));
}

// An hour's patience with the receiver is not ours: this test ends at once, or never.
TEST_F(WebhookTest, ItsEndWaitsForNoReceiver) {
  const MuteReceiver receiver;
  auto made = make({.url = receiver.url(), .secret = secret, .attempt_limit = 1h});
  ASSERT_TRUE(made) << made.error().detail;
  for (int i = 0; i < 5; ++i) (*made)->notify({});
  (*made)->finish(1ms);
  EXPECT_EQ((*made)->counts().dropped, 5U);
  EXPECT_EQ((*made)->counts().waiting, 0U);
  (*made)->notify({});
  EXPECT_EQ((*made)->counts().dropped, 6U);
}

TEST_F(WebhookTest, NothingIsToldOnceItIsGone) {
  {
    const MuteReceiver receiver;
    auto made = make({.url = receiver.url(), .secret = secret, .attempt_limit = 1h});
    ASSERT_TRUE(made) << made.error().detail;
    (*made)->notify({});
  }
  deliver_notices();
  EXPECT_TRUE(notices_.empty());
}

}  // namespace
}  // namespace hvsec::test
