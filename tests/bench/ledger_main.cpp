// hvsec with a stopwatch around its ledger: BENCH_LEDGER=sqlite|memory says which one, and
// BENCH_RESULT names the file that the figures go to, as JSON.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/composition.hpp"
#include "src/ledger/memory.hpp"

namespace {

using namespace hvsec;
using Stopwatch = std::chrono::steady_clock;

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

struct Figures {
  int appends = 0;
  std::size_t records = 0;
  int in_flight = 0;
  int most_in_flight = 0;
  double waiting = 0;  ///< Seconds during which at least one append was in flight.
  Stopwatch::time_point since;
};

/// Lifetime  The figures outlive it.
class MeasuredLedger final : public Ledger {
 public:
  MeasuredLedger(std::unique_ptr<Ledger> inner, Figures& figures)
      : inner_(std::move(inner)), figures_(figures) {}

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    begin(records.size());
    auto appended = co_await inner_->append_all(std::move(records));
    end();
    co_return appended;
  }

  awaitable<Result<LedgerState>> state() override { return inner_->state(); }
  awaitable<Result<std::vector<Suspension>>> suspensions() override {
    return inner_->suspensions();
  }

 private:
  void begin(std::size_t records) {
    ++figures_.appends;
    figures_.records += records;
    if (figures_.in_flight++ == 0) figures_.since = Stopwatch::now();
    figures_.most_in_flight = std::max(figures_.most_in_flight, figures_.in_flight);
  }

  void end() {
    if (--figures_.in_flight == 0) figures_.waiting += seconds_since(figures_.since);
  }

  std::unique_ptr<Ledger> inner_;
  Figures& figures_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

cli::Services measured_services(bool in_memory, Figures& figures) {
  cli::Services services = compose();
  auto open = std::exchange(services.changing.ledger, {});
  if (in_memory)
    open = [](const std::string&) -> Result<std::unique_ptr<Ledger>> {
      return std::make_unique<ledger::MemoryLedger>();
    };
  services.changing.ledger =
      [open, &figures](const std::string& file) -> Result<std::unique_ptr<Ledger>> {
    auto inner = open(file);
    if (!inner) return inner;
    return std::make_unique<MeasuredLedger>(*std::move(inner), figures);
  };
  return services;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = variable("BENCH_LEDGER");
  const std::string result = variable("BENCH_RESULT");
  if ((kind != "sqlite" && kind != "memory") || result.empty()) {
    std::cerr << "hvsec-bench-ledger: set BENCH_LEDGER to sqlite or memory, and BENCH_RESULT\n";
    return 1;
  }
  Figures figures;
  cli::Services services = measured_services(kind == "memory", figures);
  const auto start = Stopwatch::now();
  const int code = cli::run({argv + 1, argv + argc}, services);
  const nlohmann::json json = {{"wallSeconds", seconds_since(start)},
                               {"waitingSeconds", figures.waiting},
                               {"appends", figures.appends},
                               {"records", figures.records},
                               {"mostInFlight", figures.most_in_flight}};
  std::ofstream(result) << json << '\n';
  return code;
}
