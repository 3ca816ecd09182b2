#include "src/wsman/enumeration.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "src/wsman/fault.hpp"
#include "src/wsman/retry.hpp"

namespace hvsec::wsman {
namespace {

using std::chrono::steady_clock;

// A courtesy must not hold up the error that led to it.
constexpr std::chrono::seconds release_limit(5);
// Some hosts answer a Pull with nothing now and then; none does so for long.
constexpr int most_fruitless_pulls = 5;
// What is lost again and again is lost by something that does not pass.
constexpr std::size_t most_restarts = 2;

}  // namespace

Enumeration::Enumeration(Messenger& messenger, const Limits& limits, EnumerationLore& lore,
                         cim::Query query)
    : messenger_(messenger),
      limits_(limits),
      lore_(lore),
      query_(std::move(query)),
      class_name_(queried_class(query_.wql)),
      deadline_(steady_clock::now() + limits.call) {}

Enumeration::~Enumeration() { set_open(false); }

void Enumeration::set_open(bool open) {
  if (open && !harvest_.open) ++lore_.open;
  if (!open && harvest_.open) --lore_.open;
  harvest_.open = open;
}

std::uint32_t Enumeration::batch() const {
  const auto found = lore_.batch_sizes.find(class_name_);
  return found == lore_.batch_sizes.end() ? limits_.batch_items : found->second;
}

// False when there is nothing smaller.
bool Enumeration::shrink_batch() {
  const std::uint32_t now = batch();
  if (now > 1) lore_.batch_sizes[class_name_] = std::max<std::uint32_t>(now / 4, 1);
  return now > 1;
}

Ask Enumeration::enumerate() const {
  auto write = [query = query_, most = batch()](const RequestHeader& header) {
    return write_enumerate(header, query, most);
  };
  return {"Enumerate", Effect::read, deadline_, std::move(write)};
}

Ask Enumeration::pull() const {
  auto write = [name_space = query_.name_space, context = harvest_.context,
                most = batch()](const RequestHeader& header) {
    return write_pull(header, name_space, context, most);
  };
  return {"Pull", Effect::step, deadline_, std::move(write)};
}

awaitable<Result<std::vector<cim::Instance>>> Enumeration::run() {
  while (true) {
    const auto collected = co_await collect();
    if (collected) co_return std::move(harvest_.items);
    // After a cancellation nothing more may be awaited; the host forgets the enumeration by itself.
    if (collected.error().kind == ErrorKind::cancelled) co_return fail(collected.error());
    co_await release(collected.error());
    const auto again = co_await start_again(collected.error());
    if (!again) co_return fail(again.error());
  }
}

awaitable<Result<void>> Enumeration::collect() {
  while (!harvest_.end) {
    const bool first = harvest_.requests++ == 0;
    Ask ask = first ? enumerate() : pull();
    const auto reply = co_await messenger_.ask(std::move(ask));
    if (reply) {
      if (auto gathered = gather(*reply); !gathered)
        co_return fail(messenger_.unbelieved(gathered.error(), Effect::read));
      continue;
    }
    const bool ask_again = !first && remedy_of_pull(reply.error()) == Remedy::ask_again;
    if (!ask_again || ++harvest_.fruitless > most_fruitless_pulls) co_return fail(reply.error());
  }
  co_return Result<void>();
}

// Adds what `reply` brought, within the limits of one enumeration.
Result<void> Enumeration::gather(const Reply& reply) {
  auto batch = read_batch(reply.envelope, class_name_);
  if (!batch) return fail(batch.error());
  if (!batch->context.empty()) harvest_.context = std::move(batch->context);
  harvest_.end = batch->end;
  set_open(!harvest_.end && !harvest_.context.empty());
  harvest_.bytes += reply.bytes;
  harvest_.fruitless = batch->items.empty() ? harvest_.fruitless + 1 : 0;
  harvest_.items.insert(harvest_.items.end(), std::make_move_iterator(batch->items.begin()),
                        std::make_move_iterator(batch->items.end()));

  const auto broken = [](const char* what) { return fail(ErrorKind::invalid, what); };
  if (harvest_.items.size() > limits_.call_items) return broken("it enumerates too many objects");
  if (harvest_.bytes > limits_.call_bytes) return broken("it enumerates too many bytes");
  if (harvest_.end) return {};
  if (harvest_.context.empty()) return broken("its enumeration has neither a context nor an end");
  if (harvest_.requests > limits_.call_pulls || harvest_.fruitless > most_fruitless_pulls)
    return broken("its enumeration does not come to an end");
  return {};
}

// Whether another beginning may help; what it does for that has been done.
bool Enumeration::may_start_again(const Error& error, Remedy remedy) {
  // Full of this session's own enumerations, which come to their end.
  if (is_quota(error) && lore_.open > 0) return true;
  return remedy == Remedy::start_again && restarts_++ < most_restarts;
}

// Prepares for another beginning, or says why there is none.
awaitable<Result<void>> Enumeration::start_again(Error error) {
  const bool first = harvest_.requests <= 1;
  const Remedy remedy = first ? remedy_of_enumerate(error) : remedy_of_pull(error);
  set_open(false);
  harvest_ = Harvest();
  if (remedy == Remedy::smaller_batch) {
    if (shrink_batch()) co_return Result<void>();
    error.detail += "; not even one " + class_name_ + " fits";
  }
  if (!may_start_again(error, remedy)) {
    if (restarts_ > 1)
      error.detail += "; the enumeration was begun " + std::to_string(restarts_) + " times";
    co_return fail(std::move(error));
  }
  const auto wait = backoff(limits_, restarts_ + 1, messenger_.random());
  const auto paused = co_await messenger_.pause(wait, deadline_);
  if (paused || paused.error().kind == ErrorKind::cancelled) co_return paused;
  co_return fail(std::move(error));
}

// Best effort: an open enumeration counts against the account's quota until it expires.
awaitable<void> Enumeration::release(const Error& error) {
  if (harvest_.context.empty() || harvest_.end || is_expired(error)) co_return;
  auto write = [name_space = query_.name_space,
                context = harvest_.context](const RequestHeader& header) {
    return write_release(header, name_space, context);
  };
  const auto soon = std::min(deadline_, steady_clock::now() + release_limit);
  Ask ask{"Release", Effect::step, soon, std::move(write)};
  const auto ignored = co_await messenger_.ask(std::move(ask));
  static_cast<void>(ignored);
}

}  // namespace hvsec::wsman
