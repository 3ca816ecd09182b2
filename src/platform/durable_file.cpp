#include "src/platform/durable_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hvsec::platform {
namespace {

tl::unexpected<Error> failure(const std::string& file, int number) {
  return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::system, number},
              file + " cannot be written: " + std::generic_category().message(number));
}

// 0, or the errno of what went wrong.
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

// mkstemp makes files for the owner alone; a report gets the rights of any other new file.
int fill(int descriptor, std::string_view content) {
  const mode_t mask = umask(0);
  umask(mask);
  int error = write_all(descriptor, content);
  if (error == 0 && fchmod(descriptor, 0666 & ~mask) != 0) error = errno;
  if (error == 0 && fsync(descriptor) != 0) error = errno;
  if (close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

// The new name is on disk once its folder is.
int sync_folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return error;
}

}  // namespace

Result<void> write_durably(const std::string& file, std::string_view content) {
  std::string temporary = file + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return failure(file, errno);
  int error = fill(descriptor, content);
  if (error == 0 && rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0)
    error = sync_folder_of(file);
  else
    unlink(temporary.c_str());
  if (error != 0) return failure(file, error);
  return {};
}

}  // namespace hvsec::platform
