#include "src/platform/log.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

namespace hvsec::platform {
namespace {

constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* journal_pattern = "%v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

// syslog(3)'s numbers: 7 debug, 6 informational, 4 warning, 3 error.
std::string_view journal_priority(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
    case LogLevel::debug:
      return "<7>";
    case LogLevel::info:
      return "<6>";
    case LogLevel::warn:
      return "<4>";
    case LogLevel::error:
    case LogLevel::off:
      return "<3>";
  }
  return "<3>";
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// Everything beyond ASCII is passed on: it is for people, who read their own language.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (is_control(c)) c = c == '\n' || c == '\t' ? ' ' : '?';
  return line;
}

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x",
                    unsigned{static_cast<unsigned char>(c)});
      quoted += escape.data();
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string text_payload(const LogRecord& record) {
  std::string line(record.host);
  if (!record.vm.empty()) (line += '/') += record.vm;
  if (!line.empty()) line += ": ";
  return one_line(line.append(record.message));
}

std::string journal_payload(const LogRecord& record) {
  const auto level = spdlog::level::to_string_view(to_spdlog(record.level));
  std::string line(journal_priority(record.level));
  line.append(level.data(), level.size());
  return line.append(" ").append(text_payload(record));
}

std::string json_payload(const LogRecord& record, std::string_view log_run) {
  const std::string_view run = record.run.empty() ? log_run : record.run;
  std::string members = "\"message\":" + json_text(record.message);
  const std::array fields = {std::pair(",\"run\":", run), std::pair(",\"host\":", record.host),
                             std::pair(",\"vm\":", record.vm)};
  for (const auto& [key, value] : fields)
    if (!value.empty()) members += key + json_text(value);
  return members;
}

class SpdLog final : public Log {
 public:
  SpdLog(LogOptions options, std::ostream& stream)
      : options_(std::move(options)),
        logger_("hvsec", std::make_shared<spdlog::sinks::ostream_sink_st>(stream, true)) {
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern(), spdlog::pattern_time_type::utc));
    logger_.set_level(to_spdlog(options_.level));
    logger_.set_error_handler([](const std::string&) {});
  }

  void write(const LogRecord& record) override {
    const auto level = to_spdlog(record.level);
    if (!logger_.should_log(level)) return;
    logger_.log(level, spdlog::string_view_t(payload(record)));
  }

 private:
  [[nodiscard]] const char* pattern() const {
    if (options_.format == LogFormat::json) return json_pattern;
    return options_.journal ? journal_pattern : text_pattern;
  }

  [[nodiscard]] std::string payload(const LogRecord& record) const {
    if (options_.format == LogFormat::json) return json_payload(record, options_.run);
    if (options_.journal) return journal_payload(record);
    return text_payload(record);
  }

  LogOptions options_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_log(LogOptions options, std::ostream& stream) {
  return std::make_unique<SpdLog>(std::move(options), stream);
}

}  // namespace hvsec::platform
