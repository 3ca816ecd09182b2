#pragma once

#include "src/daemon/loop.hpp"
#include "src/metrics/metrics.hpp"
#include "src/webhook/webhook.hpp"

namespace hvsec::cli {

/// Passes on what the loop does to metrics and to a webhook.
/// Lifetime  Both outlive it. The webhook may be null.
class LoopObserver final : public daemon::Observer {
 public:
  LoopObserver(metrics::Metrics& metrics, webhook::Webhook* webhook)
      : metrics_(metrics), webhook_(webhook) {}

  void pass_ended(const daemon::PassReport& pass) override;
  void waited_in_queue(Duration overdue) override { metrics_.waited_in_queue(overdue); }
  void revision_applied(const daemon::InForce& manifests) override;
  void revision_refused(const daemon::Refusal& refusal) override {
    metrics_.revision_refused(refusal.at);
  }
  void told(const webhook::Event& event) override {
    if (webhook_ != nullptr) webhook_->notify(event);
  }

 private:
  metrics::Metrics& metrics_;
  webhook::Webhook* webhook_;
};

/// What a scrape at `now` is answered. `webhook`  May be null.
std::string scrape(metrics::Metrics& metrics, const daemon::Loop& loop,
                   const webhook::Webhook* webhook, int most_workers, WallTime now);

/// One sentence on where the loop stands, for `systemctl status`.
std::string status_sentence(const daemon::Loop& loop);

}  // namespace hvsec::cli
