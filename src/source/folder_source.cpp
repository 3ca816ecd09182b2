#include "src/source/folder_source.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "src/source/watcher.hpp"

namespace hvsec::source {
namespace {

namespace asio = boost::asio;

class FolderSource final : public Source {
 public:
  FolderSource(const asio::any_io_executor& executor, Clock& clock, std::vector<std::string> paths,
               FolderOptions options)
      : executor_(executor),
        clock_(clock),
        paths_(std::move(paths)),
        options_(std::move(options)),
        watcher_(std::in_place, executor) {}

  awaitable<Result<Snapshot>> fetch() override {
    // What has been noticed until now is about to be read.
    watcher_->take();
    changed_meanwhile_ = false;
    watch();
    Snapshot snapshot;
    snapshot.paths = paths_;
    co_return snapshot;
  }

  awaitable<void> keep(Snapshot /*snapshot*/) override { co_return; }

  awaitable<Result<std::optional<Snapshot>>> kept() override {
    co_return std::optional<Snapshot>();
  }

  awaitable<void> changed() override {
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (is_watched_) watch();
    while (is_watched_ && !changed_meanwhile_) {
      co_await watcher_->wait();
      if (state.cancelled() != asio::cancellation_type::none) co_return;
      if (watcher_->take()) break;
    }
    if (!is_watched_) {
      co_await clock_.sleep_for(options_.poll);
      co_return;
    }
    co_await settle();
    changed_meanwhile_ = true;  // Until it is fetched.
  }

  [[nodiscard]] std::string name() const override {
    std::string all;
    for (const std::string& path : paths_) all += (all.empty() ? "" : ", ") + path;
    return all;
  }

 private:
  // Returns once nothing happens any more, or it has gone on for too long.
  awaitable<void> settle() {
    using asio::experimental::awaitable_operators::operator||;
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    const Instant latest = clock_.now() + options_.longest_wait;
    while (clock_.now() < latest && state.cancelled() == asio::cancellation_type::none) {
      watch();  // What is new in the folders.
      const Duration left = std::min<Duration>(options_.debounce, latest - clock_.now());
      const auto first = co_await (clock_.sleep_for(left) || next());
      if (first.index() == 0) co_return;
    }
  }

  awaitable<void> next() {
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    do co_await watcher_->wait();
    while (state.cancelled() == asio::cancellation_type::none && !watcher_->take());
  }

  void watch() {
    const auto list = watch_list(paths_, options_.most_folders);
    const auto done = list ? watcher_->watch(*list) : Result<void>(fail(list.error()));
    if (done) {
      is_watched_ = true;
      return;
    }
    watcher_.emplace(executor_);
    if (std::exchange(is_watched_, false) && options_.warn)
      options_.warn("changes to " + name() + " are not noticed at once, but read every " +
                    std::to_string(std::chrono::ceil<std::chrono::seconds>(options_.poll).count()) +
                    " s: " + done.error().detail);
  }

  asio::any_io_executor executor_;
  Clock& clock_;
  std::vector<std::string> paths_;
  FolderOptions options_;
  std::optional<Watcher> watcher_;
  bool is_watched_ = true;
  bool changed_meanwhile_ = false;
};

}  // namespace

std::unique_ptr<Source> make_folder_source(boost::asio::any_io_executor executor, Clock& clock,
                                           std::vector<std::string> paths, FolderOptions options) {
  return std::make_unique<FolderSource>(executor, clock, std::move(paths), std::move(options));
}

}  // namespace hvsec::source
