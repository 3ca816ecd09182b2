#pragma once

#include <iosfwd>
#include <string>
#include <utility>

#include "src/platform/log.hpp"

namespace hvsec::cli {

/// One line at the end of a terminal that is written over and over.
/// Lifetime  `stream` outlives it.
class StatusLine {
 public:
  /// `enabled`  False: nothing is ever written.
  StatusLine(std::ostream& stream, bool enabled) : stream_(stream), enabled_(enabled) {}
  ~StatusLine() { hide(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void show(const std::string& text);
  /// Leaves the terminal as if there had never been a line.
  void hide();

 private:
  std::ostream& stream_;
  bool enabled_;
  std::string shown_;
};

/// A log that gets the status line out of its way.
/// Lifetime  Both outlive it.
class LogBesideStatus final : public platform::Log {
 public:
  LogBesideStatus(platform::Log& log, StatusLine& status) : log_(log), status_(status) {}
  void write(const platform::LogRecord& record) override {
    status_.hide();
    log_.write(record);
  }

 private:
  platform::Log& log_;
  StatusLine& status_;
};

}  // namespace hvsec::cli
