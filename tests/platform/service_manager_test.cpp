#include "src/platform/service_manager.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using platform::make_service_manager;
using testing::ElementsAre;
using namespace std::chrono_literals;

// A service manager's end of the socket that NOTIFY_SOCKET names: a path, or after a leading '@' a
// name in the abstract namespace.
class Listener {
 public:
  explicit Listener(const std::string& name) : socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0) << name;
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    close(socket_);
    unsetenv("NOTIFY_SOCKET");
  }

  // What has arrived, without waiting: a datagram is there once its sender returns.
  std::vector<std::string> messages() const {
    std::vector<std::string> all;
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0) return all;
      all.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
};

std::string unique_name(const std::string& before) {
  return before + "hvsec-notify-" + std::to_string(getpid());
}

class ServiceManagerTest : public testing::Test {
 protected:
  std::vector<std::string> failures_;
  std::unique_ptr<platform::ServiceManager> manager_ =
      make_service_manager([this](const Error& error) { failures_.push_back(text(error)); });
};

TEST_F(ServiceManagerTest, IsToldOfEveryStepOverASocketWithAPath) {
  const std::string path = unique_name(testing::TempDir());
  const Listener listener(path);
  manager_->ready();
  manager_->status("12 hosts in sync");
  manager_->need_time(1500ms);
  manager_->alive();
  manager_->stopping();
  EXPECT_THAT(listener.messages(),
              ElementsAre("READY=1", "STATUS=12 hosts in sync", "EXTEND_TIMEOUT_USEC=1500000",
                          "WATCHDOG=1", "STOPPING=1"));
  EXPECT_THAT(failures_, ElementsAre());
  unlink(path.c_str());
}

TEST_F(ServiceManagerTest, IsToldThroughTheAbstractNamespaceToo) {
  const Listener listener(unique_name("@"));
  manager_->ready();
  EXPECT_THAT(listener.messages(), ElementsAre("READY=1"));
}

TEST_F(ServiceManagerTest, AReloadSaysWhenOnTheMonotonicClockItBegan) {
  const Listener listener(unique_name("@"));
  timespec before{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  manager_->reloading();
  timespec after{};
  clock_gettime(CLOCK_MONOTONIC, &after);

  const auto messages = listener.messages();
  ASSERT_EQ(messages.size(), 1U);
  const std::string start = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_THAT(messages[0], testing::StartsWith(start));
  const auto in_microseconds = [](const timespec& time) {
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
  };
  const long long began = std::stoll(messages[0].substr(start.size()));
  EXPECT_GE(began, in_microseconds(before));
  EXPECT_LE(began, in_microseconds(after));
}

TEST_F(ServiceManagerTest, AStatusCannotSmuggleInAnotherMessage) {
  const Listener listener(unique_name("@"));
  manager_->status("host\nMAINPID=1\r\x7f.");
  EXPECT_THAT(listener.messages(), ElementsAre("STATUS=host MAINPID=1  ."));
}

TEST_F(ServiceManagerTest, ALongStatusIsCutBetweenTwoCharacters) {
  const Listener listener(unique_name("@"));
  manager_->status(std::string(999, 'x') + "\xC3\xA4 and more");
  EXPECT_THAT(listener.messages(), ElementsAre("STATUS=" + std::string(999, 'x')));
}

TEST_F(ServiceManagerTest, WithoutOneNothingHappens) {
  unsetenv("NOTIFY_SOCKET");
  manager_->ready();
  manager_->status("alone");
  EXPECT_EQ(manager_->watchdog(), std::nullopt);
  EXPECT_THAT(failures_, ElementsAre());
}

TEST_F(ServiceManagerTest, OneThatDoesNotListenIsComplainedAboutOnce) {
  setenv("NOTIFY_SOCKET", "/nonexistent/hvsec/notify", 1);
  manager_->ready();
  manager_->alive();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_THAT(failures_[0], testing::HasSubstr("NOTIFY_SOCKET"));
  EXPECT_THAT(failures_[0], testing::HasSubstr("No such file"));
  {
    const Listener listener(unique_name("@"));
    manager_->ready();
  }
  setenv("NOTIFY_SOCKET", "/nonexistent/hvsec/notify", 1);
  manager_->alive();
  EXPECT_EQ(failures_.size(), 2U);
  unsetenv("NOTIFY_SOCKET");
}

struct WatchdogCase {
  const char* name;
  const char* limit;
  std::string process;
  std::optional<Duration> want;
};

class WatchdogTest : public testing::TestWithParam<WatchdogCase> {};

TEST_P(WatchdogTest, IsForTheProcessThatItNames) {
  const WatchdogCase& c = GetParam();
  setenv("WATCHDOG_USEC", c.limit, 1);
  if (!c.process.empty()) setenv("WATCHDOG_PID", c.process.c_str(), 1);
  const auto manager = make_service_manager([](const Error&) {});
  EXPECT_EQ(manager->watchdog(), c.want);
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}

INSTANTIATE_TEST_SUITE_P(, WatchdogTest,
                         testing::Values(WatchdogCase{"ForAnyone", "30000000", "", 30s},
                                         WatchdogCase{"ForUs", "1500000", std::to_string(getpid()),
                                                      1500ms},
                                         WatchdogCase{"ForAnother", "30000000", "1", std::nullopt},
                                         WatchdogCase{"Nonsense", "soon", "", std::nullopt}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::test
