#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hvsec::hyperv {

/// The most bytes of a host's own words that are kept of one text.
inline constexpr std::size_t longest_host_text = 4096;

/// `text` without blanks around it, cut to `limit` bytes between two characters of UTF-8; an
/// ellipsis behind them marks the cut.
std::string bounded(std::string_view text, std::size_t limit = longest_host_text);

}  // namespace hvsec::hyperv
