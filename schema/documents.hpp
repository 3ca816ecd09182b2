#pragma once

#include <span>
#include <string_view>

/// The JSON Schemas, 2020-12, as the program carries them.
namespace hvsec::schema {

struct Document {
  std::string_view name;  ///< "manifest", of schema/manifest.v1.schema.json.
  std::string_view text;
};

/// What describes one manifest comes first, then what describes output.
std::span<const Document> documents();

/// The one of that name, or null.
const Document* find_document(std::string_view name);

}  // namespace hvsec::schema
