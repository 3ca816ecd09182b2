#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reconciler/manifests.hpp"
#include "src/manifest/diagnostic.hpp"
#include "src/manifest/files.hpp"
#include "src/manifest/limits.hpp"

namespace hvsec::manifest {

/// What was declared, or every mistake in it.
struct LoadResult {
  Manifests manifests;             ///< Empty unless `errors` is: half a declaration is none.
  std::vector<Diagnostic> errors;  ///< By file, line and column.
  Sources sources;                 ///< Where it was read from.
  std::size_t files = 0;           ///< That were read.
  std::size_t documents = 0;       ///< In them; empty ones do not count.
};

/// Reads the manifests that `paths` name: files, folders (see `find_sources`) or `-`, the standard
/// input. Every YAML document must be a manifest: a mistyped one must not go unnoticed.
/// Errors: none but those in the result, whatever the files hold.
LoadResult load(const std::vector<std::string>& paths, const Limits& limits = {});

/// The same for a text that is at hand. Relative paths in it are taken from the folder of
/// `file_name`.
LoadResult load_text(const std::string& file_name, const std::string& text,
                     const Limits& limits = {});

}  // namespace hvsec::manifest
