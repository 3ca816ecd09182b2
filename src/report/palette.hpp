#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/verdict.hpp"

namespace hvsec::report {

/// What a piece of text means; the palette decides how that looks.
enum class Tone : std::uint8_t { plain, strong, faint, good, change, caution, bad };

/// The one place that knows escape sequences and symbols. Neither ever carries a meaning that is
/// not also said in words.
class Palette {
 public:
  Palette(bool colour, bool utf8) : colour_(colour), utf8_(utf8) {}

  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;
  [[nodiscard]] std::string_view arrow() const { return utf8_ ? "→" : "->"; }
  [[nodiscard]] std::string_view symbol(Verdict verdict) const;

 private:
  bool colour_;
  bool utf8_;
};

Tone tone(Verdict verdict);

}  // namespace hvsec::report
