#include "tests/source/program.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace hvsec::source::test {

Program::Program(const std::string& script, std::vector<std::string> arguments) {
  const std::string path = std::string(HVSEC_SOURCE_DIR "/tests/source/") + script;
  arguments.insert(arguments.begin(), {HVSEC_PYTHON, "-B", path});
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  const int error =
      posix_spawn(&process_, HVSEC_PYTHON, &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) throw std::runtime_error("python cannot be started");
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) first_line_ += c;
  close(ends[0]);
  if (first_line_.empty()) throw std::runtime_error(script + " ended before it was ready");
}

Program::~Program() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

std::string shell(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"),
                                                   [](FILE*) { return 0; });
  std::string out;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) out += buffer.data();
  if (pclose(pipe.get()) != 0) throw std::runtime_error(command + ": " + out);
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace hvsec::source::test
