#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/manifests.hpp"

namespace hvsec::manifest {

/// A mistake in a manifest, for the person who wrote it. Never holds a secret.
struct Diagnostic {
  Place place;          ///< Line 0: the file as a whole.
  std::string message;  ///< What is wrong, and what was expected.
  std::string hint;     ///< What to do about it, where that is known.
};

/// "baseline/dc.yaml:14:5: message (hint)".
std::string text(const Diagnostic& diagnostic);

/// `text` as far as a message has room for it, control characters escaped.
std::string printable(std::string_view text);

/// The same between double quotes.
std::string in_quotes(std::string_view text);

/// A place in one file; both from 1. Line 0: the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// The mistakes of one file. Keeps the first `most` and counts the rest, so that a hostile file
/// costs no more memory than an honest one.
class Errors {
 public:
  Errors(std::string file, std::size_t most)
      : file_(std::make_shared<const std::string>(std::move(file))), most_(most) {}

  void add(Position at, std::string message, std::string hint = {});

  /// Whether a further mistake would be told. When not, a costly hint can be saved.
  [[nodiscard]] bool full() const { return kept_.size() >= most_; }
  [[nodiscard]] Place place(Position at) const { return {file_, at.line, at.column}; }
  [[nodiscard]] const std::string& file() const { return *file_; }

  /// The mistakes in the order of their places. Leaves none behind.
  std::vector<Diagnostic> take();

 private:
  std::shared_ptr<const std::string> file_;
  std::size_t most_;
  std::size_t untold_ = 0;
  std::vector<Diagnostic> kept_;
};

}  // namespace hvsec::manifest
