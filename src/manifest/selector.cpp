#include "src/manifest/selector.hpp"

#include <string>
#include <utility>
#include <vector>

#include "src/manifest/labels.hpp"

namespace hvsec::manifest {
namespace {

constexpr std::string_view select_keys[] = {"hosts", "vms"};
constexpr std::string_view hosts_keys[] = {"names", "labels"};
constexpr std::string_view vms_keys[] = {"names", "ids", "except"};

// Upper case and without braces; empty when `given` is no GUID.
std::string plain_guid(std::string_view given) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (given.size() == form.size() + 2 && given.starts_with('{') && given.ends_with('}'))
    given = given.substr(1, form.size());
  if (given.size() != form.size()) return {};
  std::string guid(given);
  for (std::size_t i = 0; i < form.size(); ++i) {
    char& c = guid[i];
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    const bool digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (form[i] == '-' ? c != '-' : !digit) return {};
  }
  return guid;
}

std::vector<Glob> globs(const Fields& fields, std::string_view key, Errors& errors) {
  std::vector<Glob> found;
  const Node* const node = fields.find(key);
  if (node == nullptr) return found;
  const Where where{&fields.where(), key};
  for (const Node& item : as_list(*node, where, errors))
    if (const auto pattern = as_text(item, {&where, each_item}, errors))
      found.push_back({std::string(*pattern)});
  return found;
}

std::vector<VmId> ids(const Fields& fields, Errors& errors) {
  std::vector<VmId> found;
  const Node* const node = fields.find("ids");
  if (node == nullptr) return found;
  const Where where{&fields.where(), "ids"};
  for (const Node& item : as_list(*node, where, errors)) {
    const auto given = as_text(item, {&where, each_item}, errors);
    if (!given) continue;
    std::string guid = plain_guid(*given);
    if (guid.empty())
      errors.add(item.at, in_quotes(*given) + " in " + text(where) + " is not a GUID",
                 "for example 4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F");
    found.push_back({std::move(guid)});
  }
  return found;
}

HostSelector decode_hosts(const Node& node, Position at, const Where& where, Errors& errors) {
  const Fields hosts(node, at, where, {hosts_keys}, errors);
  HostSelector selector;
  selector.names = globs(hosts, "names", errors);
  if (const Node* const labels = hosts.find("labels"))
    selector.labels = decode_labels(*labels, {&where, "labels"}, errors);
  return selector;
}

VmSelector decode_vms(const Node& node, Position at, const Where& where, Errors& errors) {
  const Fields vms(node, at, where, {vms_keys}, errors);
  VmSelector selector;
  selector.names = globs(vms, "names", errors);
  selector.except = globs(vms, "except", errors);
  selector.ids = ids(vms, errors);
  return selector;
}

}  // namespace

Selector decode_selector(const Node& node, Position at, const Where& where, Errors& errors) {
  const Fields select(node, at, where, {select_keys}, errors);
  Selector selector;
  if (const Node* const hosts = select.find("hosts"))
    selector.hosts = decode_hosts(*hosts, select.at("hosts"), {&where, "hosts"}, errors);
  if (const Node* const vms = select.find("vms"))
    selector.vms = decode_vms(*vms, select.at("vms"), {&where, "vms"}, errors);
  return selector;
}

}  // namespace hvsec::manifest
