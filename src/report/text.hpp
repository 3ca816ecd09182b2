#pragma once

#include <string>

#include "reconciler/report.hpp"

namespace hvsec::report {

struct TextOptions {
  bool colour = false;   ///< Paint with escape sequences.
  bool utf8 = true;      ///< Symbols beyond ASCII.
  bool verbose = false;  ///< List VMs that are in sync or unmanaged, and settings in sync, too.
};

/// `report` for people: per host and VM what differs, why, what to do about it and which line of
/// which manifest says so; then the findings; then `summary_line`.
std::string render_text(const Report& report, const TextOptions& options);

}  // namespace hvsec::report
