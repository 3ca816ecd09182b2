#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reconciler/result.hpp"

namespace hvsec::source {

/// A folder that has to be watched, and what in it matters.
struct Interest {
  bool everything = false;
  std::set<std::string> names;  ///< When not everything: only entries of these names.
};

/// By folder, without symbolic links in its name.
using WatchList = std::map<std::filesystem::path, Interest>;

/// Everything to be watched so that no change to the manifests beneath `paths` goes unnoticed: the
/// folders and what is in them, also where links within them lead; where a file lies; and on the
/// way to each of them the entries by which it is reached, since they may be replaced. Errors:
/// `terminal`: there are more than `most` folders.
Result<WatchList> watch_list(const std::vector<std::string>& paths, std::size_t most);

}  // namespace hvsec::source
