#pragma once

#include <initializer_list>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/ports/clock.hpp"

namespace hvsec::metrics {

/// `untrusted` as the value of a label: one line of valid UTF-8 without control characters, of at
/// most 200 characters and a mark where it was cut.
std::string label_text(std::string_view untrusted);

double seconds(Duration duration);
double unix_seconds(WallTime time);  ///< With milliseconds.

/// What one scrape answers, family after family, in the order in which they are begun.
class Scrape {
 public:
  using Label = std::pair<const char*, std::string_view>;

  /// Begins a family. One that gets no sample is left out.
  void gauge(std::string name, std::string help);
  void counter(std::string name, std::string help);

  /// Adds to the family that was begun last. No two samples of it may have the same labels.
  template <class Number>
  void sample(std::initializer_list<Label> labels, Number value) {
    add(labels, static_cast<double>(value));
  }

  /// A whole family.
  void histogram(std::string name, std::string help, const prometheus::Histogram& observed);

  /// Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  void begin(std::string name, std::string help, prometheus::MetricType type);
  void add(std::initializer_list<Label> labels, double value);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace hvsec::metrics
