#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "src/manifest/diagnostic.hpp"
#include "src/manifest/limits.hpp"
#include "src/manifest/node.hpp"

namespace hvsec::manifest {

class TreeBuilder;

/// One document of a file, not yet read.
struct Chunk {
  std::string_view text;
  std::uint32_t first_line = 1;
};

/// Cuts a file before each line that begins with `---`, which nothing inside a document can. A
/// mistake in one document thus hides nothing in the next.
std::vector<Chunk> split_documents(std::string_view file);

/// Reads YAML into nodes: one document at a time, strictly, within limits.
///
/// The YAML parser beneath accepts duplicate keys, cycles, unknown tags and documents that begin
/// nowhere; here they are mistakes. Tags, merge keys and keys that are not text are refused.
/// Aliases are allowed, and count as what they stand for.
class DocumentReader {
 public:
  explicit DocumentReader(const Limits& limits);
  ~DocumentReader();
  DocumentReader(DocumentReader&&) = delete;
  DocumentReader& operator=(DocumentReader&&) = delete;

  /// The document, or nothing when it is empty or cannot be read; mistakes go to `errors`.
  /// Lifetime  The node lives until the next call.
  std::optional<Node> read(Chunk chunk, Errors& errors);

 private:
  Limits limits_;
  std::unique_ptr<TreeBuilder> builder_;
};

}  // namespace hvsec::manifest
