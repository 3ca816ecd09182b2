#include "src/platform/threads.hpp"

#include <filesystem>
#include <iterator>
#include <system_error>

namespace hvsec::platform {

bool other_threads_run() {
  // One entry for each thread.
  std::error_code failed;
  const std::filesystem::directory_iterator threads("/proc/self/task", failed);
  return !failed && std::distance(begin(threads), end(threads)) > 1;
}

}  // namespace hvsec::platform
