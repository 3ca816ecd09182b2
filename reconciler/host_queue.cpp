#include "reconciler/host_queue.hpp"

#include <algorithm>

namespace hvsec {

void HostQueue::add(const std::string& host, Instant at) {
  if (const auto working = working_.find(host); working != working_.end()) {
    Working& pass = working->second;
    pass.forgotten = false;
    pass.again = std::min(at, pass.again.value_or(at));
    return;
  }
  const auto [known, is_new] = due_.try_emplace(host, at);
  if (!is_new) {
    if (known->second <= at) return;
    order_.erase({known->second, host});
    known->second = at;
  }
  order_.emplace(at, host);
}

std::optional<std::string> HostQueue::take(Instant now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  std::string host = order_.begin()->second;
  order_.erase(order_.begin());
  due_.erase(host);
  working_.try_emplace(host);
  return host;
}

void HostQueue::done(const std::string& host, std::optional<Instant> next) {
  const auto working = working_.find(host);
  if (working == working_.end()) return;
  const Working pass = working->second;
  working_.erase(working);
  if (pass.forgotten) return;
  if (pass.again) add(host, *pass.again);
  if (next) add(host, *next);
}

void HostQueue::remove(const std::string& host) {
  if (const auto known = due_.find(host); known != due_.end()) {
    order_.erase({known->second, host});
    due_.erase(known);
  }
  if (const auto working = working_.find(host); working != working_.end())
    working->second = {.again = std::nullopt, .forgotten = true};
}

std::optional<Instant> HostQueue::next_due() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::optional<Instant> HostQueue::due(const std::string& host) const {
  const auto known = due_.find(host);
  if (known == due_.end()) return std::nullopt;
  return known->second;
}

std::size_t HostQueue::overdue(Instant now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(order_, [&](const auto& entry) { return entry.first <= now; }));
}

}  // namespace hvsec
