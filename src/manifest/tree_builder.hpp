#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "src/manifest/diagnostic.hpp"
#include "src/manifest/limits.hpp"
#include "src/manifest/node.hpp"
#include "src/manifest/source_text.hpp"
#include "src/manifest/yaml.hpp"

namespace hvsec::manifest {

/// What ends the reading of a document from inside a callback of the parser: thrown, since the
/// parser knows no other way to be stopped, and caught in `DocumentReader`.
struct Refused {
  YAML::Mark mark;
  std::string message;
  std::string hint = {};
};

/// Builds the tree of one document from the parser's events. Children wait on one stack until their
/// parent ends; then they move, side by side, into memory that lives as long as the document.
/// Errors: mistakes that leave the rest readable go to `Errors`; others are thrown as `Refused`.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Limits& limits) : limits_(limits) {}

  /// Forgets the document before and makes ready for `chunk`.
  void begin(Chunk chunk, Errors& errors);

  /// The document; nothing when it is empty.
  [[nodiscard]] std::optional<Node> root() const;

  SourceText& source() { return source_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override;
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  struct Open {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::size_t first_child = 0;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, NodeKind kind);
  void close();
  void add(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node);
  void attach(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node);
  void count(const YAML::Mark& mark);
  [[noreturn]] void refuse_size(const YAML::Mark& mark) const;
  void refuse_tag(const YAML::Mark& mark);
  [[nodiscard]] Position position_of_nothing(const YAML::Mark& mark);
  std::string_view keep(const std::string& value);
  void drop_bad_entries();
  void find_repeated_keys(std::size_t first);
  bool is_good_key(const Node& key);

  const Limits& limits_;
  SourceText source_;
  Errors* errors_ = nullptr;
  std::pmr::monotonic_buffer_resource memory_;
  std::vector<Node> waiting_;
  std::vector<Open> open_;
  std::vector<std::optional<Node>> anchored_;  // By the parser's number; empty until complete.
  std::vector<Node*> keys_;                    // Of the map at hand.
  std::optional<YAML::Mark> last_quoted_;
  std::size_t nodes_ = 0;
  bool started_ = false;
};

}  // namespace hvsec::manifest
