#pragma once

#include <array>
#include <functional>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace hvsec::ledger::test {

inline constexpr uid_t nobody = 65534;

/// Another process, which does something, tells a text, and lives until the object goes.
class Child {
 public:
  explicit Child(const std::function<std::string(const std::function<void()>& stay)>& work) {
    EXPECT_EQ(::pipe(told_.data()), 0);
    EXPECT_EQ(::pipe(end_.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) live(work);
    ::close(told_[1]);
    ::close(end_[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill();
    ::close(told_[0]);
    ::close(end_[1]);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// What the child told; waits for it.
  std::string told() {
    std::string text;
    for (char c = 0; ::read(told_[0], &c, 1) == 1 && c != '\0';) text += c;
    return text;
  }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] void live(const std::function<std::string(const std::function<void()>&)>& work) {
    ::close(end_[1]);
    const auto tell = [&](const std::string& text) {
      static_cast<void>(::write(told_[1], text.c_str(), text.size() + 1) == 0);
    };
    const auto stay = [&] {
      tell("ready");
      char c = 0;
      static_cast<void>(::read(end_[0], &c, 1) == 0);
    };
    tell(work(stay));
    ::_exit(0);
  }

  std::array<int, 2> told_{};
  std::array<int, 2> end_{};
  pid_t pid_ = -1;
};

/// What `work` returns in a process that has no special rights.
inline std::string without_rights(const std::function<std::string()>& work) {
  Child child([&](const auto&) -> std::string {
    if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) return "still root";
    return work();
  });
  return child.told();
}

/// Does `work` in a process that may be gone before it is done.
inline void in_process(const std::function<void()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    work();
    ::_exit(0);
  }
  ASSERT_GT(pid, 0);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace hvsec::ledger::test
