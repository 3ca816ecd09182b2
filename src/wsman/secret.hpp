#pragma once

#include <string>
#include <utility>

namespace hvsec::wsman {

/// A text that must not be shown: it has no stream operator, no comparison and no conversion, and
/// its storage is wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The text itself, for the one place that sends it.
  [[nodiscard]] const std::string& reveal() const { return text_; }

 private:
  void wipe() noexcept;

  std::string text_;
};

}  // namespace hvsec::wsman
