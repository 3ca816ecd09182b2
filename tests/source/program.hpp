#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace hvsec::source::test {

/// A helper in Python that serves until it is ended with the object. It says one line once it is
/// ready.
class Program {
 public:
  /// `script` lies in this folder of the tests.
  Program(const std::string& script, std::vector<std::string> arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] const std::string& first_line() const { return first_line_; }

 private:
  pid_t process_ = -1;
  std::string first_line_;
};

/// Runs a shell command; a failure throws. Returns what it prints, without the last line break.
std::string shell(const std::string& command);

}  // namespace hvsec::source::test
