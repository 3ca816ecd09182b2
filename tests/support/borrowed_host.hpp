#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reconciler/ports/host.hpp"

namespace hvsec::test {

/// Hands a host out without giving it away: each pass makes its own way to a host, and the host
/// outlives it.
class BorrowedHost final : public Host {
 public:
  explicit BorrowedHost(Host& host) : host_(host) {}
  awaitable<void> probe(HostProbe& found) override { return host_.probe(found); }
  awaitable<Result<HostObservation>> observe() override { return host_.observe(); }
  awaitable<Result<LiveState>> read(LiveState vm) override { return host_.read(std::move(vm)); }
  awaitable<Result<Settings>> read_settings(LiveState vm) override {
    return host_.read_settings(std::move(vm));
  }
  awaitable<Result<bool>> has_key_protector(LiveState vm) override {
    return host_.has_key_protector(std::move(vm));
  }
  awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) override {
    return host_.submit(std::move(vm), std::move(changes));
  }
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm) override {
    return host_.running_jobs(std::move(vm));
  }
  awaitable<Result<JobReport>> poll(JobRef job) override { return host_.poll(std::move(job)); }
  awaitable<Result<std::vector<std::string>>> job_errors(JobRef job) override {
    return host_.job_errors(std::move(job));
  }

 private:
  Host& host_;
};

}  // namespace hvsec::test
