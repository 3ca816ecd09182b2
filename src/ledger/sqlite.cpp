#include "src/ledger/sqlite.hpp"

#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/ledger/store.hpp"

namespace hvsec::ledger {
namespace {

namespace asio = boost::asio;

// A cancellation that reached the work before its thread did would leave the caller without an
// answer to whether the record is there.
auto uncancellable() {
  return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
}

/// One call of `append_all`, for as long as it waits.
struct Append {
  std::vector<LedgerRecord> records;
  std::optional<Result<void>> result;
};

/// Lets the event loop go on while the disk works, and gives the disk all at once whatever has come
/// up meanwhile: `waiting_`, like the store, is touched on the disk's thread only.
class SqliteLedger : public Ledger {
 public:
  explicit SqliteLedger(Store store) : store_(std::move(store)) {}
  ~SqliteLedger() override { disk_.join(); }

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    auto work = append_on_disk(std::move(records));
    co_return co_await asio::co_spawn(disk_, std::move(work), uncancellable());
  }

  awaitable<Result<LedgerState>> state() override {
    auto work = read_from_disk();
    co_return co_await asio::co_spawn(disk_, std::move(work), uncancellable());
  }

  awaitable<Result<std::vector<Suspension>>> suspensions() override {
    auto work = read_suspensions();
    co_return co_await asio::co_spawn(disk_, std::move(work), uncancellable());
  }

 private:
  // Queues up, and steps behind all calls that are there by now. Whose turn comes first after that
  // writes for all of them; the others find it done.
  awaitable<Result<void>> append_on_disk(std::vector<LedgerRecord> records) {
    Append append{std::move(records), std::nullopt};
    waiting_.push_back(&append);
    co_await asio::post(asio::use_awaitable);
    if (!append.result) write_waiting();
    co_return *std::move(append.result);
  }

  // Behind the appends that were asked for before.
  awaitable<Result<LedgerState>> read_from_disk() {
    co_await asio::post(asio::use_awaitable);
    co_return store_.state();
  }

  awaitable<Result<std::vector<Suspension>>> read_suspensions() {
    co_await asio::post(asio::use_awaitable);
    co_return store_.suspensions();
  }

  void write_waiting() {
    std::vector<std::vector<LedgerRecord>> groups;
    groups.reserve(waiting_.size());
    for (Append* append : waiting_) groups.push_back(std::move(append->records));
    auto results = store_.append_groups(groups);
    for (std::size_t i = 0; i < results.size(); ++i) waiting_[i]->result = std::move(results[i]);
    waiting_.clear();
  }

  Store store_;
  std::vector<Append*> waiting_;
  asio::thread_pool disk_{1};
};

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& file) {
  auto store = Store::open(file);
  if (!store) return fail(store.error());
  return std::make_unique<SqliteLedger>(*std::move(store));
}

}  // namespace hvsec::ledger
