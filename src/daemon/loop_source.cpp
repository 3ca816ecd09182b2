#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "src/daemon/loop.hpp"
#include "src/report/wording.hpp"

/// How the loop comes by its manifests.
namespace hvsec::daemon {
namespace {

using platform::LogLevel;
using webhook::EventType;
using webhook::Severity;

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) (text += text.empty() ? "" : "\n") += sentence;
  return text;
}

bool wanted(const std::string& host, const std::vector<Glob>& globs) {
  return globs.empty() ||
         std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(host); });
}

}  // namespace

std::string commits(const std::vector<Revision>& revisions) {
  std::string text;
  for (const Revision& revision : revisions)
    (text += text.empty() ? "" : ", ") += report::short_text(revision);
  return text;
}

awaitable<void> Loop::watch_source() {
  using boost::asio::experimental::awaitable_operators::operator||;
  while (!ports_.stop.requested()) {
    source_asked_ = false;
    source_busy_ = true;
    co_await read_source();
    source_busy_ = false;
    source_done_.ring();
    if (!source_asked_ && !ports_.stop.requested())
      co_await (ports_.source.changed() || source_bell_.wait() || ports_.stop.wait());
  }
}

awaitable<void> Loop::read_source() {
  const auto snapshot = co_await fetch();
  if (ports_.stop.requested()) co_return;
  if (snapshot) {
    source_error_.reset();
    co_await use(*snapshot);
  } else {
    source_failed(snapshot.error());
  }
  if (!in_force_ && !ports_.stop.requested()) co_await fall_back();
}

// Takes the newest manifests into force, or says why not. They are kept first: what was once in
// force is there at the next start, whenever this one ends.
awaitable<void> Loop::use(source::Snapshot snapshot) {
  if (!snapshot.note.empty()) ports_.log.write({.level = LogLevel::warn, .message = snapshot.note});
  Loaded loaded = co_await ports_.load(snapshot);
  if (ports_.stop.requested()) co_return;
  if (Refusal refusal = judge(loaded); !refusal.mistakes.empty()) {
    refuse(std::move(refusal));
    co_return;
  }
  using boost::asio::experimental::awaitable_operators::operator||;
  co_await (ports_.source.keep(std::move(snapshot)) || ports_.stop.wait());
  if (ports_.stop.requested()) co_return;
  if (std::exchange(refused_, std::nullopt))
    ports_.log.write({.level = LogLevel::info,
                      .message = ports_.source.name() + ": the manifests are valid again"});
  put_in_force(std::move(loaded));
}

// At a start while the remote does not answer, or has nothing good: the last manifests that were
// good are better than none. They have to be so still.
awaitable<void> Loop::fall_back() {
  const auto kept = co_await ports_.source.kept();
  if (!kept || !*kept || ports_.stop.requested()) co_return;
  Loaded loaded = co_await ports_.load(**kept);
  if (!ports_.stop.requested() && judge(loaded).mistakes.empty()) put_in_force(std::move(loaded));
}

awaitable<Result<source::Snapshot>> Loop::fetch() {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto first = co_await (ports_.source.fetch() || ports_.stop.wait());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::cancelled, "stopped");
}

// Said once, not at each try.
void Loop::source_failed(const Error& error) {
  const bool is_new = !source_error_ || source_error_->detail != error.detail;
  source_error_ = error;
  if (is_new)
    tell_of_loop(EventType::revision_refused, Severity::error,
                 ports_.source.name() + ": " + text(error) +
                     (in_force_ ? "; the manifests in force stay" : "; no host is looked at yet"));
}

// What speaks against `loaded`: no mistakes where it is good.
Refusal Loop::judge(const Loaded& loaded) const {
  Refusal refusal{.revision = commits(loaded.manifests.revisions),
                  .digest = loaded.manifests.digest,
                  .mistakes = loaded.mistakes,
                  .at = ports_.clock.wall_now()};
  if (refusal.mistakes.empty() && !options_.allow_empty &&
      !manages_something(loaded.manifests, fleet_))
    refusal.mistakes.emplace_back(
        "these manifests would leave no virtual machine managed; if that is meant, start hvsec "
        "with --allow-empty");
  return refusal;
}

void Loop::refuse(Refusal refusal) {
  const bool is_new = !refused_ || refused_->mistakes != refusal.mistakes ||
                      refused_->revision != refusal.revision || refused_->digest != refusal.digest;
  refused_ = std::move(refusal);
  if (!is_new) return;
  ports_.observer.revision_refused(*refused_);
  const std::string what = refused_->revision.empty() ? ports_.source.name() : refused_->revision;
  tell_of_loop(
      EventType::revision_refused, Severity::error,
      what + " is refused" +
          (in_force_ ? ", the manifests in force stay" : ", and no manifests are in force yet") +
          ":\n" + joined(refused_->mistakes));
}

void Loop::put_in_force(Loaded loaded) {
  const bool same_commits =
      in_force_ && in_force_->manifests->revisions == loaded.manifests.revisions;
  const bool changed = !in_force_ || in_force_->manifests->digest != loaded.manifests.digest;
  if (!changed && same_commits) return;
  in_force_ = InForce{.manifests = std::make_shared<const Manifests>(std::move(loaded.manifests)),
                      .keep = std::move(loaded.keep),
                      .since = ports_.clock.wall_now()};
  if (changed) {
    rollout_ = std::make_shared<Rollout>(options_.rollout);
    rollout_told_ = rollout_->state();
  }
  enlist_hosts(changed);
  ports_.observer.revision_applied(*in_force_);
  if (!changed) return;
  const std::string revision = commits(in_force_->manifests->revisions);
  tell_of_loop(EventType::revision_applied, Severity::info,
               (revision.empty() ? ports_.source.name() : revision) +
                   " is in force: " + report::counted(fleet_.size(), "host") + ", " +
                   report::counted(in_force_->manifests->policies.size(), "VmSecurity manifest"));
}

// Every host is looked at under new manifests at once, also one that failed or stalled under the
// old ones.
void Loop::enlist_hosts(bool changed) {
  FleetStatus declared;
  for (const HostManifest& host : in_force_->manifests->hosts) {
    if (!wanted(host.name, options_.hosts)) continue;
    const auto known = fleet_.find(host.name);
    HostStatus& status = declared[host.name];
    if (known != fleet_.end()) status = std::move(known->second);
    status.endpoint = host.endpoint;
  }
  for (const auto& [host, status] : fleet_) {
    if (declared.contains(host)) continue;
    queue_.remove(host);
    sightings_->lost(host);
  }
  fleet_ = std::move(declared);
  if (!changed) return;
  for (auto& [host, status] : fleet_) {
    status.attempt = 0;
    wake(host);
  }
}

void Loop::reload() {
  for (auto& [host, status] : fleet_) {
    if (status.phase != HostPhase::stalled) continue;
    status.attempt = 0;
    wake(host);
  }
  if (rollout_->state() == RolloutState::halted) {
    rollout_ = std::make_shared<Rollout>(options_.rollout);
    rollout_told_ = rollout_->state();
    for (const auto& [host, status] : fleet_) wake(host);
  }
  check_source();
}

void Loop::check_source() {
  source_asked_ = true;
  source_bell_.ring();
}

awaitable<void> Loop::source_checked() {
  using boost::asio::experimental::awaitable_operators::operator||;
  while ((source_asked_ || source_busy_) && !ports_.stop.requested())
    co_await (source_done_.wait() || ports_.stop.wait());
}

}  // namespace hvsec::daemon
