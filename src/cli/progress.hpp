#pragma once

#include <string>

#include "reconciler/ports/progress.hpp"
#include "src/platform/log.hpp"

namespace hvsec::cli {

/// Counts what a pass does, for the line on the terminal, and logs it.
/// Lifetime  `log` outlives it.
class PassProgress final : public Progress {
 public:
  /// `reading`  From which level on it is logged that hosts were read, or could not be.
  explicit PassProgress(platform::Log& log, platform::LogLevel reading = platform::LogLevel::info)
      : log_(log), reading_(reading) {}

  /// "12 of 200 hosts read; 3 changes running, 41 done": shorter than any terminal is wide.
  [[nodiscard]] std::string line() const;

  void pass_began(std::size_t hosts) override;
  void host_observed(const std::string& host, std::size_t vms) override;
  void host_unreachable(const std::string& host, const Error& error) override;
  void recovery_began(const ChangeSet& set) override;
  void change_began(const ChangeSet& set) override;
  void change_dispatched(const ChangeSet& set, const Dispatch& dispatch) override;
  void job_changed(const ChangeSet& set, const JobReport& job) override;
  void change_settled(const ChangeSet& set, Verdict verdict) override;
  void host_done(const std::string& host) override;

 private:
  void log(platform::LogLevel level, const std::string& message, const std::string& host);
  void log(platform::LogLevel level, const std::string& message, const ChangeSet& set);

  platform::Log& log_;
  platform::LogLevel reading_;
  std::size_t hosts_ = 0;
  std::size_t read_ = 0;
  std::size_t unreachable_ = 0;
  std::size_t begun_ = 0;
  std::size_t settled_ = 0;
};

}  // namespace hvsec::cli
