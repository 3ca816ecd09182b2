#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Turns documents into manifests: the envelope here, each kind's spec in a file of its own.
/// Remembers the names over all documents, since a kind and a name may be there only once.
class Decoder {
 public:
  /// Lifetime  `manifests` outlives the decoder.
  explicit Decoder(Manifests& manifests) : manifests_(manifests) {}

  /// Relative paths in the document are taken from `folder`.
  void decode(const Node& document, const std::filesystem::path& folder, Errors& errors);

 private:
  struct Metadata {
    std::string name;
    Labels labels;
    Place place;
  };

  Metadata decode_metadata(const Node& node, Position at, Errors& errors);
  void decode_host(const Fields& top, Metadata metadata, const std::filesystem::path& folder,
                   Errors& errors);
  void decode_vm_security(const Fields& top, Metadata metadata, Errors& errors);
  void decode_waiver(const Fields& top, Metadata metadata, Errors& errors);
  void decode_change_window(const Fields& top, Metadata metadata, Errors& errors);
  void claim_name(std::string_view kind, std::string key, const Metadata& metadata, Errors& errors);

  Manifests& manifests_;
  std::unordered_map<std::string, Place> names_;  // "Kind/name" -> where it was first given
};

}  // namespace hvsec::manifest
