#include "src/platform/file_stamp.hpp"

#include <sys/stat.h>

namespace hvsec::platform {

std::string file_stamp(const std::string& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) return path + " is missing";
  return path + ' ' + std::to_string(found.st_dev) + ' ' + std::to_string(found.st_ino) + ' ' +
         std::to_string(found.st_size) + ' ' + std::to_string(found.st_mtim.tv_sec) + '.' +
         std::to_string(found.st_mtim.tv_nsec);
}

}  // namespace hvsec::platform
