#include "src/platform/service_manager.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>
#include <systemd/sd-daemon.h>
#include <utility>

#include "src/platform/environment.hpp"
#include "src/platform/late_library.hpp"

namespace hvsec::platform {
namespace {

constexpr std::size_t longest_status = 1000;

std::string microseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

// The service manager refuses text that is cut within a character.
std::string one_sentence(std::string_view text) {
  std::size_t length = std::min(text.size(), longest_status);
  if (length < text.size())
    while (length > 0 && continues_character(text[length])) --length;
  std::string sentence(text.substr(0, length));
  for (char& c : sentence)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return sentence;
}

// What is used of libsystemd, which is loaded only where a service manager started us.
struct SystemdLibrary {
  decltype(sd_notify)* notify = nullptr;
  decltype(sd_watchdog_enabled)* watchdog_enabled = nullptr;
};

Result<SystemdLibrary> load_systemd() {
  const auto library = LateLibrary::load("libsystemd.so.0");
  if (!library) return fail(library.error());
  SystemdLibrary systemd;
  if (library->find("sd_notify", systemd.notify) &&
      library->find("sd_watchdog_enabled", systemd.watchdog_enabled))
    return systemd;
  return fail(ErrorKind::terminal, "libsystemd.so.0 is too old; install a newer one");
}

class Systemd final : public ServiceManager {
 public:
  explicit Systemd(std::function<void(const Error&)> on_failure)
      : on_failure_(std::move(on_failure)) {}

  void ready() override { tell("READY=1"); }

  // MONOTONIC_USEC tells this reload's end from an older one's; the steady clock is that clock.
  void reloading() override {
    const Duration now = std::chrono::steady_clock::now().time_since_epoch();
    tell("RELOADING=1\nMONOTONIC_USEC=" + microseconds(now));
  }

  void stopping() override { tell("STOPPING=1"); }

  void status(std::string_view sentence) override { tell("STATUS=" + one_sentence(sentence)); }

  void need_time(Duration more) override { tell("EXTEND_TIMEOUT_USEC=" + microseconds(more)); }

  [[nodiscard]] std::optional<Duration> watchdog() const override {
    if (!environment_("WATCHDOG_USEC")) return std::nullopt;
    const auto& systemd = library();
    std::uint64_t limit = 0;
    if (!systemd || systemd->watchdog_enabled(0, &limit) <= 0) return std::nullopt;
    return std::chrono::microseconds(limit);
  }

  void alive() override { tell("WATCHDOG=1"); }

 private:
  void tell(const std::string& message) {
    if (!environment_("NOTIFY_SOCKET")) return;
    const auto& systemd = library();
    if (!systemd) return complain(systemd.error().kind, {}, systemd.error().detail);
    const int sent = systemd->notify(0, message.c_str());
    if (sent >= 0)
      failing_ = false;
    else
      complain(ErrorKind::transient, {ErrorDomain::system, -sent},
               std::system_category().message(-sent));
  }

  void complain(ErrorKind kind, ErrorCode code, const std::string& why) {
    if (std::exchange(failing_, true)) return;
    on_failure_(
        {kind, code,
         "cannot tell the service manager, which NOTIFY_SOCKET names, how the service is: " + why});
  }

  [[nodiscard]] const Result<SystemdLibrary>& library() const {
    if (!library_) library_ = load_systemd();
    return *library_;
  }

  const Environment environment_ = process_environment();
  mutable std::optional<Result<SystemdLibrary>> library_;
  std::function<void(const Error&)> on_failure_;
  bool failing_ = false;
};

}  // namespace

std::unique_ptr<ServiceManager> make_service_manager(
    std::function<void(const Error& error)> on_failure) {
  return std::make_unique<Systemd>(std::move(on_failure));
}

}  // namespace hvsec::platform
