#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace hvsec {

/// A value that may be missing, as in `std::optional`, but kept elsewhere: where most have none and
/// there are many of them, those without take no more room than a pointer.
template <class T>
class Apart {
 public:
  Apart() = default;
  Apart(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Apart(std::optional<T> value)
      : value_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
  Apart(const Apart& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Apart(Apart&&) noexcept = default;
  Apart& operator=(const Apart& other) {
    if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }
  Apart& operator=(Apart&&) noexcept = default;
  ~Apart() = default;

  explicit operator bool() const { return value_ != nullptr; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

  /// Puts a new value in the place of what was there.
  T& emplace() { return *(value_ = std::make_unique<T>()); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace hvsec
