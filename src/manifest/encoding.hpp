#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/manifest/diagnostic.hpp"

namespace hvsec::manifest {

/// Why a text cannot be a YAML file.
struct EncodingError {
  Position at;
  std::string message;
  std::string hint;
};

/// Accepts UTF-8 without a byte order mark, of the characters that YAML 1.2 allows. Refused as
/// well are the line ends that YAML, editors and reviewers do not agree on (a lone carriage return,
/// NEL, LS, PS): they could hide a line from a reviewer.
std::optional<EncodingError> check_encoding(std::string_view text);

/// The number of characters of `text`, which is UTF-8.
std::size_t count_characters(std::string_view text);

/// Whether `text` holds a control character.
bool has_control(std::string_view text);

}  // namespace hvsec::manifest
