#include "src/cli/progress.hpp"

#include "src/report/wording.hpp"

namespace hvsec::cli {

using platform::LogLevel;

std::string PassProgress::line() const {
  std::string text = std::to_string(read_) + " of " + report::counted(hosts_, "host") + " read";
  if (unreachable_ > 0) text += ", " + std::to_string(unreachable_) + " unreachable";
  if (begun_ > 0)
    text += "; " + report::counted(begun_ - settled_, "change") + " running, " +
            std::to_string(settled_) + " done";
  return text;
}

void PassProgress::log(LogLevel level, const std::string& message, const std::string& host) {
  log_.write({.level = level, .message = message, .host = host});
}

// Under the run that the ledger has the change under: a daemon's log is of many.
void PassProgress::log(LogLevel level, const std::string& message, const ChangeSet& set) {
  log_.write(
      {.level = level, .message = message, .host = set.host, .vm = set.vm_name, .run = set.run});
}

void PassProgress::pass_began(std::size_t hosts) {
  hosts_ = hosts;
  log(reading_, "working on " + report::counted(hosts, "host"), "");
}

void PassProgress::host_observed(const std::string& host, std::size_t vms) {
  ++read_;
  log(reading_, "read " + report::counted(vms, "VM"), host);
}

// The report says it, too; the log says when.
void PassProgress::host_unreachable(const std::string& host, const Error& error) {
  ++unreachable_;
  log(reading_, "cannot be evaluated: " + text(error), host);
}

void PassProgress::recovery_began(const ChangeSet& set) {
  ++begun_;
  log(LogLevel::info, "change " + set.id.value + " was left open and is looked into", set);
}

void PassProgress::change_began(const ChangeSet& set) {
  ++begun_;
  log(LogLevel::info,
      "change " + set.id.value + " begins: " + report::counted(set.changes.size(), "setting"), set);
}

void PassProgress::change_dispatched(const ChangeSet& set, const Dispatch& dispatch) {
  log(LogLevel::info,
      "the host answered " + std::to_string(dispatch.return_code) + " (" + dispatch.return_name +
          ")" + (dispatch.job ? ", job " + dispatch.job->path : ""),
      set);
}

void PassProgress::job_changed(const ChangeSet& set, const JobReport& job) {
  log(LogLevel::debug, "job: " + job.state_name, set);
}

void PassProgress::change_settled(const ChangeSet& set, Verdict verdict) {
  ++settled_;
  log(LogLevel::info, "change " + set.id.value + " ended: " + std::string(name(verdict)), set);
}

void PassProgress::host_done(const std::string& host) { log(LogLevel::debug, "done", host); }

}  // namespace hvsec::cli
