#include "src/cli/status_line.hpp"

#include <ostream>

namespace hvsec::cli {
namespace {

constexpr const char* clear_line = "\r\x1b[K";

}  // namespace

void StatusLine::show(const std::string& text) {
  if (!enabled_ || text == shown_) return;
  stream_ << clear_line << text << std::flush;
  shown_ = text;
}

void StatusLine::hide() {
  if (shown_.empty()) return;
  stream_ << clear_line << std::flush;
  shown_.clear();
}

}  // namespace hvsec::cli
