#include "src/hyperv/msvm_error.hpp"

#include <cstddef>
#include <optional>

#include <pugixml.hpp>

#include "src/hyperv/text.hpp"

namespace hvsec::hyperv {
namespace {

// Far above what a host writes (about 15 KB with all qualifiers), far below what would hurt.
constexpr std::size_t most_errors = 16;
constexpr std::size_t longest_embedded_error = 256UL * 1024;

// The Message of Msvm_Error: Microsoft Learn, Msvm_Error and the common utilities of the samples.
constexpr const char* message_property = "Message";

// pugixml knows no entities but XML's own and parses without recursion, so that size is the only
// bound it needs; what follows looks at three fixed levels and no deeper.
std::optional<std::string> message(const std::string& embedded_error) {
  if (embedded_error.size() > longest_embedded_error) return std::nullopt;
  pugi::xml_document document;
  if (!document.load_buffer(embedded_error.data(), embedded_error.size(), pugi::parse_default,
                            pugi::encoding_utf8))
    return std::nullopt;
  const pugi::xml_node property =
      document.child("INSTANCE").find_child_by_attribute("PROPERTY", "NAME", message_property);
  std::string text = bounded(property.child_value("VALUE"));
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::vector<std::string> error_messages(std::span<const std::string> embedded_errors) {
  std::vector<std::string> messages;
  for (const std::string& embedded_error : embedded_errors) {
    if (messages.size() == most_errors) break;
    std::string text = message(embedded_error).value_or(bounded(embedded_error));
    if (!text.empty()) messages.push_back(std::move(text));
  }
  return messages;
}

}  // namespace hvsec::hyperv
