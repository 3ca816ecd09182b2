#pragma once

#include <cstddef>
#include <optional>

#include <yaml-cpp/mark.h>

#include "src/manifest/diagnostic.hpp"
#include "src/manifest/yaml.hpp"

namespace hvsec::manifest {

/// The text of one document, asked for what the parser does not say of its marks.
class SourceText {
 public:
  SourceText() = default;
  explicit SourceText(Chunk chunk) : chunk_(chunk) {}

  /// The place of `mark` in the file. The parser counts bytes, people count characters.
  Position position(const YAML::Mark& mark);

  /// Where the dash is that a value, missing at `mark`, should follow.
  std::optional<Position> dash_before(const YAML::Mark& mark);

  /// Whether `mark` is at a null that is written out.
  [[nodiscard]] bool has_null(const YAML::Mark& mark) const;

  /// Whether the quoted scalar at `mark`, the last of the document, has its closing quote: the
  /// parser takes the end of the text for one.
  [[nodiscard]] bool is_closed(const YAML::Mark& mark) const;

  /// Whether the line of `mark` begins with a tab, which the parser's own words never name.
  [[nodiscard]] bool is_tabbed(const YAML::Mark& mark) const;

 private:
  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const;

  Chunk chunk_;
  Position counted_;  // The last place that was asked for, so that counting can go on from there.
  std::size_t counted_to_ = 0;
};

}  // namespace hvsec::manifest
