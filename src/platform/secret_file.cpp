#include "src/platform/secret_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hvsec::platform {
namespace {

constexpr std::size_t most_bytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

tl::unexpected<Error> system_failure(const std::string& file, int number) {
  return fail(
      ErrorKind::invalid, ErrorCode{ErrorDomain::system, number},
      "the password file " + file + " cannot be read: " + std::generic_category().message(number));
}

Result<std::string> content(int descriptor, const std::string& file) {
  std::array<char, most_bytes + 2> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(descriptor, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(file, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return std::string(buffer.data(), size);
}

Result<std::string> checked(std::string text, const std::string& from) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(ErrorKind::invalid, from + " is empty");
  if (text.size() > most_bytes)
    return fail(ErrorKind::invalid, from + " holds more than 4096 bytes: that is no password");
  if (text.find('\0') != std::string::npos)
    return fail(ErrorKind::invalid, from + " holds a NUL byte: that is no password");
  return text;
}

Result<SecretReading> read_file(const std::string& file) {
  // Non-blocking, so that a named pipe without a writer does not hold up the run.
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.number() < 0) return system_failure(file, errno);
  struct stat facts{};
  if (fstat(descriptor.number(), &facts) != 0) return system_failure(file, errno);
  const auto read = content(descriptor.number(), file);
  if (!read) return fail(read.error());
  auto text = checked(*read, "the password file " + file);
  if (!text) return fail(text.error());
  SecretReading reading{.text = std::move(*text), .warning = ""};
  if (S_ISREG(facts.st_mode) && (facts.st_mode & S_IROTH) != 0)
    reading.warning = "the password file " + file +
                      " can be read by every user of this machine; run chmod o-r on it";
  return reading;
}

}  // namespace

Result<SecretReading> read_secret(const SecretSource& source, const Environment& environment) {
  if (!source.file.empty()) return read_file(source.file);
  const auto value = environment(source.environment);
  if (!value)
    return fail(ErrorKind::invalid, "the environment variable " + source.environment +
                                        ", which holds the password, is not set");
  auto text = checked(*value, "the environment variable " + source.environment);
  if (!text) return fail(text.error());
  return SecretReading{.text = std::move(*text), .warning = ""};
}

}  // namespace hvsec::platform
