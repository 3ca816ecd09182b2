#include "src/ledger/ledger_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "reconciler/wall_time.hpp"

namespace hvsec::ledger {
namespace {

constexpr mode_t owner_only_folder = 0700;
constexpr mode_t owner_only_file = 0600;

Error system_error(const std::string& ledger_file, const std::string& doing, int number) {
  return {ErrorKind::terminal,
          {ErrorDomain::system, number},
          "ledger " + ledger_file + ": cannot " + doing + ": " +
              std::strerror(number) +  // NOLINT(concurrency-mt-unsafe): at start-up only.
              "; check the path and the rights on its folder"};
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string this_process() {
  return "process " + std::to_string(::getpid()) + " on " + host_name() + " since " +
         rfc3339(std::chrono::system_clock::now());
}

// The first line of a lock file, as far as it is plain text: others may write it.
std::string holder(int descriptor) {
  std::array<char, 400> buffer{};
  const ssize_t length = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  if (length <= 0) return "another process";
  const std::string_view text(buffer.data(), static_cast<std::size_t>(length));
  const auto end = std::ranges::find_if(text, [](char c) { return c < ' ' || c > '~'; });
  std::string line(text.begin(), end);
  return line.empty() ? "another process" : line;
}

// Who holds the lock is for people: a lock file that cannot be written locks all the same.
void write_holder(int descriptor) {
  const std::string text = this_process() + "\n";
  if (::ftruncate(descriptor, 0) == 0)
    static_cast<void>(::pwrite(descriptor, text.data(), text.size(), 0) == 0);
}

// Makes the name of a new file durable.
Result<void> sync_folder(const std::string& file) {
  const std::filesystem::path parent = std::filesystem::path(file).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail(system_error(file, "open its folder", errno));
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (code != 0) return fail(system_error(file, "write its folder", code));
  return {};
}

}  // namespace

Result<WriterLock> WriterLock::take(const std::string& ledger_file) {
  const std::string name = ledger_file + ".lock";
  const int descriptor =
      ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, owner_only_file);
  if (descriptor < 0) return fail(system_error(ledger_file, "make " + name, errno));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    write_holder(descriptor);
    return WriterLock(descriptor);
  }
  // Only whoever has the lock may empty the file, as ~WriterLock does.
  const int number = errno;
  const std::string other = holder(descriptor);
  ::close(descriptor);
  if (number != EWOULDBLOCK) return fail(system_error(ledger_file, "lock " + name, number));
  return fail(ErrorKind::terminal, "ledger " + ledger_file + ": " + other +
                                       " is writing it; wait until that has ended, or name "
                                       "another ledger");
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

// The lock file stays: whoever removed it could remove one that another process has just locked.
WriterLock::~WriterLock() {
  if (descriptor_ < 0) return;
  static_cast<void>(::ftruncate(descriptor_, 0) == 0);
  ::close(descriptor_);
}

Result<void> make_folders(const std::string& file) {
  std::filesystem::path path;
  for (const auto& part : std::filesystem::path(file).parent_path()) {
    path /= part;
    if (::mkdir(path.c_str(), owner_only_folder) == 0 || errno == EEXIST) continue;
    const int number = errno;
    std::error_code none;
    if (std::filesystem::is_directory(path, none)) continue;  // "/", or above what we may touch.
    return fail(system_error(file, "make the folder " + path.string(), number));
  }
  return {};
}

Result<void> make_file(const std::string& file) {
  const int descriptor =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only_file);
  if (descriptor >= 0) {
    ::close(descriptor);
    return sync_folder(file);
  }
  if (errno == EEXIST) return {};
  return fail(system_error(file, "make it", errno));
}

}  // namespace hvsec::ledger
