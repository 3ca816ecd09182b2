#include "src/webhook/webhook.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <unistd.h>
#include <utility>

#include <openssl/rand.h>

#include "src/webhook/address.hpp"
#include "src/webhook/curl_library.hpp"
#include "src/webhook/notices.hpp"
#include "src/webhook/retry.hpp"
#include "src/webhook/signature.hpp"
#include "src/webhook/sink.hpp"

namespace hvsec::webhook {
namespace {

constexpr std::size_t shortest_secret = 16;
constexpr const char* ending = "hvsec is ending";

struct Waiting {
  Event event;
  Instant since;
};

Instant now() { return std::chrono::steady_clock::now(); }

std::string new_delivery() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  constexpr const char* digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) (id += digits[byte >> 4U]) += digits[byte & 15U];
  return id;
}

class CurlWebhook final : public Webhook {
 public:
  CurlWebhook(const CurlLibrary& curl, Options options, const Address& address,
              boost::asio::any_io_executor executor, std::function<void(const Notice&)> on_notice)
      : options_(std::move(options)),
        sink_(curl, address, options_.ca_file, options_.attempt_limit),
        notices_(address.shown, std::move(executor), std::move(on_notice)),
        thread_([this] { work(); }) {}
  CurlWebhook(const CurlWebhook&) = delete;
  CurlWebhook& operator=(const CurlWebhook&) = delete;
  ~CurlWebhook() override { end(Duration::zero()); }

  void notify(Event event) override {
    const std::lock_guard lock(mutex_);
    if (ended_) return drop(ending);
    if (queue_.size() >= std::max<std::size_t>(options_.queue, 1)) {
      queue_.pop_front();
      drop("more than " + std::to_string(options_.queue) + " are waiting");
    }
    queue_.push_back({std::move(event), now()});
    woken_.notify_all();
  }

  [[nodiscard]] Counts counts() const override {
    const std::lock_guard lock(mutex_);
    Counts counts = counts_;
    counts.waiting = queue_.size() + (sending_ ? 1 : 0);
    return counts;
  }

  void finish(Duration limit) override { end(limit); }

 private:
  void end(Duration limit) {
    {
      std::unique_lock lock(mutex_);
      hurried_ = true;
      woken_.notify_all();
      idle_.wait_for(lock, limit, [this] { return queue_.empty() && !sending_; });
      ended_ = true;
      woken_.notify_all();
    }
    sink_.interrupt();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock(mutex_);
    for (; !queue_.empty(); queue_.pop_front()) drop(ending);
  }

  void work() {
    while (const auto waiting = next()) {
      deliver(*waiting);
      const std::lock_guard lock(mutex_);
      sending_ = false;
      if (queue_.empty()) idle_.notify_all();
    }
  }

  std::optional<Waiting> next() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return ended_ || !queue_.empty(); });
    if (ended_) return std::nullopt;
    Waiting first = std::move(queue_.front());
    queue_.pop_front();
    sending_ = true;
    return first;
  }

  void deliver(const Waiting& waiting) {
    const std::string delivery = new_delivery();
    unsigned attempts = 1;
    while (goes_on(waiting, sink_.send(signed_post(waiting.event, delivery)), attempts)) ++attempts;
  }

  // Signed anew for each attempt, since a receiver refuses what was signed long ago.
  [[nodiscard]] Post signed_post(const Event& event, const std::string& delivery) const {
    Post post;
    post.body = to_json(event, delivery, std::chrono::system_clock::now());
    post.fields = {"X-Hvsec-Event: " + std::string(name(event.type)),
                   "X-Hvsec-Delivery: " + delivery,
                   "X-Hvsec-Signature: " + signature(options_.secret, post.body)};
    return post;
  }

  // Notes how the last of `attempts` went. True, after a pause, when there is to be another.
  bool goes_on(const Waiting& waiting, const Attempt& attempt, unsigned attempts) {
    std::unique_lock lock(mutex_);
    const Verdict verdict = judge(attempt);
    if (verdict == Verdict::delivered) {
      ++counts_.delivered;
      notices_.delivered();
      return false;
    }
    if (!ended_) {
      ++counts_.failed_attempts;
      if (verdict == Verdict::again) notices_.failed(why(attempt));
      const Duration pause = pause_after(attempts, attempt, backoff(), luck());
      const bool in_time = now() + pause <= waiting.since + options_.give_up_after;
      if (verdict == Verdict::refused || attempts >= options_.attempts || !in_time) {
        drop(why(attempt));
        return false;
      }
      woken_.wait_for(lock, pause, [this] { return ended_ || hurried_; });
      hurried_ = false;
    }
    if (ended_) drop(ending);
    return !ended_;
  }

  [[nodiscard]] Backoff backoff() const {
    return {.first = options_.first_pause, .longest = options_.longest_pause};
  }

  double luck() { return std::uniform_real_distribution<>()(random_); }

  void drop(const std::string& reason) {
    ++counts_.dropped;
    notices_.dropped(reason);
  }

  Options options_;
  Sink sink_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;  // For the thread: there is something to do, or to end.
  std::condition_variable idle_;   // For whoever ends it: nothing is left to do.
  Notices notices_;
  std::deque<Waiting> queue_;
  Counts counts_;
  bool sending_ = false;
  bool hurried_ = false;  // The pause that is, or else the next, is cut short.
  bool ended_ = false;
  std::minstd_rand random_{std::random_device{}()};
  std::thread thread_;  // Last: it uses all the others.
};

Result<void> check(const Options& options) {
  if (options.secret.size() < shortest_secret)
    return fail(ErrorKind::invalid, "the webhook's secret is shorter than " +
                                        std::to_string(shortest_secret) +
                                        " bytes; make one with: openssl rand -hex 32");
  if (!options.ca_file.empty() && access(options.ca_file.c_str(), R_OK) != 0)
    return fail(ErrorKind::invalid,
                "the webhook's authorities in \"" + options.ca_file +
                    "\" cannot be read: name a PEM file with their certificates");
  return {};
}

}  // namespace

Result<std::unique_ptr<Webhook>> make_webhook(Options options,
                                              boost::asio::any_io_executor executor,
                                              std::function<void(const Notice&)> on_notice) {
  const auto curl = CurlLibrary::load();
  if (!curl) return fail(curl.error());
  const auto address = parse_address(*curl, options.url);
  if (!address) return fail(address.error());
  if (const auto checked = check(options); !checked) return fail(checked.error());
  return std::make_unique<CurlWebhook>(*curl, std::move(options), *address, std::move(executor),
                                       std::move(on_notice));
}

}  // namespace hvsec::webhook
