#include "src/manifest/decode.hpp"

#include <algorithm>
#include <utility>

#include "src/manifest/change_window.hpp"
#include "src/manifest/host.hpp"
#include "src/manifest/labels.hpp"
#include "src/manifest/limits.hpp"
#include "src/manifest/vm_security.hpp"
#include "src/manifest/waiver.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where top_where{nullptr, "the manifest"};
constexpr Where metadata_where{nullptr, "metadata"};

constexpr std::string_view top_keys[] = {"apiVersion", "kind", "metadata", "spec"};
constexpr std::string_view metadata_keys[] = {"name", "labels"};
constexpr std::string_view api_versions[] = {"hvsec/v1"};
constexpr std::string_view kinds[] = {"Host", "VmSecurity", "Waiver", "ChangeWindow"};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_name(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::ranges::all_of(
             name, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_manifest(const Node& document, Errors& errors) {
  const auto has = [&](std::string_view key) {
    for (std::size_t i = 0; i < document.items.size(); i += 2)
      if (document.items[i].text == key) return true;
    return false;
  };
  if (document.kind == NodeKind::map && (has("apiVersion") || has("kind"))) return true;
  errors.add(document.at, "this document is not an hvsec manifest: it has no \"apiVersion\"",
             "a manifest begins with \"apiVersion: hvsec/v1\"; move other YAML files elsewhere");
  return false;
}

// Whether the keys of `top` are those of this version. Another version's would only be misread.
bool is_our_version(const Fields& top, Errors& errors) {
  const Node* const version = top.require("apiVersion");
  return version == nullptr ||
         as_choice(*version, {nullptr, "apiVersion"}, errors, api_versions).has_value();
}

std::string_view read_kind(const Fields& top, Errors& errors) {
  const Node* const kind = top.require("kind");
  if (kind == nullptr) return {};
  const auto chosen = as_choice(*kind, {nullptr, "kind"}, errors, kinds);
  return chosen ? kinds[*chosen] : std::string_view();
}

}  // namespace

void Decoder::decode(const Node& document, const std::filesystem::path& folder, Errors& errors) {
  if (!is_manifest(document, errors)) return;
  const Fields top(document, document.at, top_where, {top_keys}, errors);
  if (!is_our_version(top, errors)) return;
  Metadata metadata;
  if (const Node* const node = top.require("metadata"))
    metadata = decode_metadata(*node, top.at("metadata"), errors);
  const std::string_view kind = read_kind(top, errors);
  if (kind == "Host")
    decode_host(top, std::move(metadata), folder, errors);
  else if (kind == "VmSecurity")
    decode_vm_security(top, std::move(metadata), errors);
  else if (kind == "Waiver")
    decode_waiver(top, std::move(metadata), errors);
  else if (kind == "ChangeWindow")
    decode_change_window(top, std::move(metadata), errors);
}

Decoder::Metadata Decoder::decode_metadata(const Node& node, Position at, Errors& errors) {
  Metadata metadata;
  const Fields fields(node, at, metadata_where, {metadata_keys}, errors);
  if (const Node* const labels = fields.find("labels"))
    metadata.labels = decode_labels(*labels, {&metadata_where, "labels"}, errors);
  const Node* const node_of_name = fields.require("name");
  if (node_of_name == nullptr) return metadata;
  const Where where{&metadata_where, "name"};
  const auto name = as_text(*node_of_name, where, errors);
  if (!name) return metadata;
  if (!is_name(*name)) {
    errors.add(node_of_name->at, text(where) + " cannot be " + in_quotes(*name),
               "letters, digits, '.', '_' and '-', beginning and ending with a letter or digit");
    return metadata;
  }
  metadata.name = *name;
  metadata.place = errors.place(node_of_name->at);
  return metadata;
}

void Decoder::decode_host(const Fields& top, Metadata metadata, const std::filesystem::path& folder,
                          Errors& errors) {
  // Windows ignores case in the names of hosts.
  claim_name("Host", lower(metadata.name), metadata, errors);
  HostManifest host;
  host.name = std::move(metadata.name);
  host.labels = std::move(metadata.labels);
  host.place = std::move(metadata.place);
  if (const Node* const spec = top.require("spec"))
    decode_host_spec(*spec, top.at("spec"), folder, errors, host);
  manifests_.hosts.push_back(std::move(host));
}

void Decoder::decode_vm_security(const Fields& top, Metadata metadata, Errors& errors) {
  claim_name("VmSecurity", metadata.name, metadata, errors);
  VmSecurityManifest policy;
  policy.name = std::move(metadata.name);
  policy.place = std::move(metadata.place);
  if (const Node* const spec = top.require("spec"))
    decode_vm_security_spec(*spec, top.at("spec"), errors, policy);
  manifests_.policies.push_back(std::move(policy));
}

void Decoder::decode_waiver(const Fields& top, Metadata metadata, Errors& errors) {
  claim_name("Waiver", metadata.name, metadata, errors);
  Waiver waiver;
  waiver.name = std::move(metadata.name);
  waiver.place = std::move(metadata.place);
  if (const Node* const spec = top.require("spec"))
    decode_waiver_spec(*spec, top.at("spec"), errors, waiver);
  manifests_.waivers.push_back(std::move(waiver));
}

void Decoder::decode_change_window(const Fields& top, Metadata metadata, Errors& errors) {
  claim_name("ChangeWindow", metadata.name, metadata, errors);
  if (manifests_.windows.size() == most_common_windows) {
    errors.add(top.at(), "there are more than " + std::to_string(most_common_windows) +
                             " ChangeWindow documents");
    return;
  }
  CommonWindow common;
  common.window.name = std::move(metadata.name);
  common.window.place = std::move(metadata.place);
  if (const Node* const spec = top.require("spec"))
    decode_change_window_spec(*spec, top.at("spec"), errors, common);
  manifests_.windows.push_back(std::move(common));
}

void Decoder::claim_name(std::string_view kind, std::string key, const Metadata& metadata,
                         Errors& errors) {
  if (metadata.name.empty()) return;
  key.insert(0, std::string(kind) + "/");
  const auto [claimed, is_new] = names_.try_emplace(std::move(key), metadata.place);
  if (is_new) return;
  errors.add({metadata.place.line, metadata.place.column},
             "a second " + std::string(kind) + " is called " + in_quotes(metadata.name),
             "the first is at " + text(claimed->second));
}

}  // namespace hvsec::manifest
