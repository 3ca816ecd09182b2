#include "src/metrics/scrape.hpp"

#include <prometheus/text_serializer.h>

#include "src/report/safe_text.hpp"

namespace hvsec::metrics {

std::string label_text(std::string_view untrusted) {
  constexpr std::size_t most = 200;
  return report::safe_text(untrusted, most);
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

double unix_seconds(WallTime time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  return std::chrono::duration<double>(since).count();
}

void Scrape::gauge(std::string name, std::string help) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

void Scrape::counter(std::string name, std::string help) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

void Scrape::histogram(std::string name, std::string help, const prometheus::Histogram& observed) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Histogram);
  families_.back().metric.push_back(observed.Collect());
}

void Scrape::begin(std::string name, std::string help, prometheus::MetricType type) {
  if (!families_.empty() && families_.back().metric.empty()) families_.pop_back();
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
}

void Scrape::add(std::initializer_list<Label> labels, double value) {
  prometheus::MetricFamily& family = families_.back();
  prometheus::ClientMetric& sample = family.metric.emplace_back();
  sample.label.reserve(labels.size());
  for (const auto& [name, text] : labels) sample.label.push_back({name, label_text(text)});
  if (family.type == prometheus::MetricType::Counter)
    sample.counter.value = value;
  else
    sample.gauge.value = value;
}

std::string Scrape::text() const {
  const bool ends_empty = !families_.empty() && families_.back().metric.empty();
  const prometheus::TextSerializer serializer;
  if (!ends_empty) return serializer.Serialize(families_);
  return serializer.Serialize({families_.begin(), families_.end() - 1});
}

}  // namespace hvsec::metrics
