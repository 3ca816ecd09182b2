#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace hvsec::platform {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { text, json };

struct LogRecord {
  LogLevel level = LogLevel::info;
  std::string_view message;
  std::string_view host = {};  ///< Empty: not about one host.
  std::string_view vm = {};    ///< Empty: not about one VM.
  std::string_view run = {};   ///< Empty: of the run that the log is for.
};

/// What the program says of its own work, one line per record.
/// Errors   None: a line that cannot be written is lost.
/// Threads  Not thread-safe.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(const LogRecord& record) = 0;
};

struct LogOptions {
  LogLevel level = LogLevel::warn;
  LogFormat format = LogFormat::text;
  std::string run = {};  ///< Goes with every JSON line that names no other; empty: left out.
  /// Text goes to systemd's journal: a line has its priority, "<4>", for the time, which the
  /// journal takes off again and adds on its own (sd-daemon(3)).
  bool journal = false;
};

/// A log that writes to `stream`. Control characters in a record, which may come from a host, do
/// not reach it.
/// Lifetime  `stream` outlives the log.
std::unique_ptr<Log> make_log(LogOptions options, std::ostream& stream);

}  // namespace hvsec::platform
