#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

#include "reconciler/result.hpp"
#include "src/manifest/diagnostic.hpp"
#include "src/manifest/limits.hpp"

namespace hvsec::manifest {

/// One file to read.
struct Source {
  std::string name;            ///< As the user named it, for messages.
  std::filesystem::path path;  ///< Without symbolic links; empty for the standard input.
};

struct Sources {
  std::vector<Source> files;
  std::vector<std::filesystem::path> folders;  ///< That were searched, without symbolic links.
  /// Symbolic links within the folders that were followed.
  std::vector<std::filesystem::path> links;
  std::vector<Diagnostic> errors;
};

/// The files that `paths` name: a file itself; `-` the standard input; of a folder all `*.yaml` and
/// `*.yml` files beneath it by name, hidden ones left out. No file twice.
///
/// Symbolic links are followed as long as they stay within the folder that was given, as those of a
/// Kubernetes ConfigMap do; one that leaves it is an error, so that a pull request cannot make the
/// program read what lies outside.
/// Errors: a path that is not there or cannot be read; a folder without any manifest; a file that
/// is no regular one.
Sources find_sources(const std::vector<std::string>& paths, const Limits& limits);

/// Whether a file of that name in a folder is a manifest, and a hidden one that is left out.
bool is_manifest_name(const std::filesystem::path& path);
bool is_hidden_name(const std::filesystem::path& path);

/// The whole text of `source`, of at most `most` bytes. Errors: `invalid`.
Result<std::string> read(const Source& source, std::size_t most);
Result<std::string> read(std::istream& stream, std::size_t most);

}  // namespace hvsec::manifest
