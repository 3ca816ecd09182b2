#include "src/report/palette.hpp"

namespace hvsec::report {
namespace {

std::string_view escape(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::change:
      return "\x1b[33m";
    case Tone::caution:
      return "\x1b[35m";
    case Tone::bad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string Palette::paint(Tone tone, std::string_view text) const {
  const std::string_view begin = escape(tone);
  if (!colour_ || begin.empty()) return std::string(text);
  std::string painted(begin);
  painted += text;
  painted += "\x1b[0m";
  return painted;
}

std::string_view Palette::symbol(Verdict verdict) const {
  switch (verdict) {
    case Verdict::in_sync:
    case Verdict::corrected:
      return utf8_ ? "✓" : "+";
    case Verdict::waived:
    case Verdict::unsupported:
      return "-";
    case Verdict::deferred:
      return utf8_ ? "…" : ".";
    case Verdict::blocked:
      return "!";
    case Verdict::drifted:
      return "~";
    case Verdict::failed:
    case Verdict::not_applied:
      return utf8_ ? "✗" : "x";
    case Verdict::indeterminate:
    case Verdict::unknown:
      return "?";
  }
  return "";
}

Tone tone(Verdict verdict) {
  switch (verdict) {
    case Verdict::in_sync:
    case Verdict::corrected:
      return Tone::good;
    case Verdict::drifted:
      return Tone::change;
    case Verdict::waived:
    case Verdict::unsupported:
    case Verdict::deferred:
    case Verdict::blocked:
      return Tone::caution;
    case Verdict::failed:
    case Verdict::not_applied:
    case Verdict::indeterminate:
    case Verdict::unknown:
      return Tone::bad;
  }
  return Tone::plain;
}

}  // namespace hvsec::report
