// hvsec, but it dies at a chosen moment: CRASH_AT=k and CRASH_WHEN=before|after let it end, as a
// power cut would, before or after the k-th time that something is put on record.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "src/composition.hpp"

namespace {

using namespace hvsec;

constexpr int crashed = 3;

struct Moment {
  int call = 0;
  bool after = false;
};

class CrashingLedger final : public Ledger {
 public:
  CrashingLedger(std::unique_ptr<Ledger> inner, Moment moment)
      : inner_(std::move(inner)), moment_(moment) {}

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    const bool last = ++calls_ == moment_.call;
    // Neither destructors nor buffers: only what is on the disk is left.
    if (last && !moment_.after) _exit(crashed);
    auto appended = co_await inner_->append_all(std::move(records));
    if (last) _exit(crashed);
    co_return appended;
  }

  awaitable<Result<LedgerState>> state() override { return inner_->state(); }
  awaitable<Result<std::vector<Suspension>>> suspensions() override {
    return inner_->suspensions();
  }

 private:
  std::unique_ptr<Ledger> inner_;
  Moment moment_;
  int calls_ = 0;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string when = variable("CRASH_WHEN");
  const Moment moment{.call = std::atoi(variable("CRASH_AT").c_str()), .after = when == "after"};
  if (moment.call < 1 || (when != "before" && when != "after")) {
    std::cerr << "hvsec-crash: set CRASH_AT to a number from 1 and CRASH_WHEN to before or after\n";
    return 1;
  }
  cli::Services services = compose();
  auto open = std::exchange(services.changing.ledger, {});
  services.changing.ledger = [&](const std::string& file) -> Result<std::unique_ptr<Ledger>> {
    auto ledger = open(file);
    if (!ledger) return ledger;
    return std::make_unique<CrashingLedger>(*std::move(ledger), moment);
  };
  const int code = cli::run({argv + 1, argv + argc}, services);
  std::cout.flush();
  return code;
}
