#pragma once

#include <string>
#include <vector>

#include "src/manifest/load.hpp"

namespace hvsec::manifest {

/// The errors of `result` as a person reads them.
inline std::vector<std::string> told(const LoadResult& result) {
  std::vector<std::string> lines;
  for (const Diagnostic& error : result.errors) lines.push_back(text(error));
  return lines;
}

}  // namespace hvsec::manifest
