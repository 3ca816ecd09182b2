// The program hvsec: its words, and whatever they ask for, with the real world behind the ports.
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "src/composition.hpp"
#include "src/platform/threads.hpp"

namespace {

using namespace hvsec;

int flushed(int code) {
  std::cout.flush();
  if (std::cout || platform::output_abandoned()) return code;
  std::cerr << "hvsec: standard output cannot be written\n";
  return code == 0 ? 1 : code;
}

}  // namespace

int main(int argc, char** argv) try {
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  cli::Services services = compose();
  const int code = flushed(cli::run(words, services));
  // A library that still logs on for nobody, or looks up a name, must not be taken down under way.
  if (platform::other_threads_run()) std::_Exit(code);
  return code;
} catch (const std::exception& error) {
  std::cerr << "hvsec: a mistake of hvsec itself: " << error.what() << "; please report it\n";
  return 1;
}
