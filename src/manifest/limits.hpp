#pragma once

#include <cstddef>

namespace hvsec::manifest {

/// How much of a hostile input is looked at. What goes beyond is an error, never cut off in
/// silence. `schema/README.md` states the same figures.
struct Limits {
  std::size_t files = 100'000;
  std::size_t total_bytes = 128u << 20;     ///< Over all files.
  std::size_t file_bytes = 16u << 20;       ///< One file.
  std::size_t documents = 100'000;          ///< In one file.
  std::size_t document_bytes = 256u << 10;  ///< One document.
  std::size_t nodes = 100'000;              ///< In one document; see `Node::size`.
  std::size_t total_nodes = 10'000'000;     ///< Over all files.
  std::size_t depth = 64;                   ///< Lists and maps inside one another.
  std::size_t scalar_bytes = 64u << 10;     ///< One text, number, boolean or key.
  std::size_t errors = 100;                 ///< Told of one file; the rest is counted.
};

/// Change windows: in one VmSecurity, and as documents of their own over all files.
inline constexpr std::size_t most_windows = 50;
inline constexpr std::size_t most_common_windows = 500;

}  // namespace hvsec::manifest
