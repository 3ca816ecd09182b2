#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace hvsec::cli {

struct BuildFacts {
  std::string_view version;
  std::string_view compiler;
  std::span<const std::pair<std::string_view, std::string_view>> libraries;  ///< Name, version.
};

/// What the build system knew when it made this program.
const BuildFacts& build_facts();

}  // namespace hvsec::cli
