#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"
#include "src/source/source.hpp"

namespace hvsec::source {

struct FolderOptions {
  /// Nothing has to happen for this long before a change counts as finished: an editor or a copy
  /// touches files several times.
  Duration debounce = std::chrono::milliseconds(500);
  /// But no change is held back for longer than this.
  Duration longest_wait = std::chrono::seconds(10);
  /// How often files are read anew where they cannot be watched.
  Duration poll = std::chrono::seconds(30);
  /// More folders than these are not watched but read anew every `poll`.
  std::size_t most_folders = 4096;
  /// Told, once until it is over, that files cannot be watched, and why. May be empty.
  std::function<void(const std::string& sentence)> warn = {};
};

/// The files and folders `paths`, as they are on disk. They need not exist yet; whether they hold
/// manifests is for `manifest::load` to say. `fetch` never fails.
std::unique_ptr<Source> make_folder_source(boost::asio::any_io_executor executor, Clock& clock,
                                           std::vector<std::string> paths, FolderOptions options);

}  // namespace hvsec::source
