#include "src/hyperv/embedded_instance.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/hyperv/names.hpp"

namespace hvsec::hyperv {
namespace {

bool is_setting(std::string_view property) {
  return std::ranges::any_of(schema::setting_table(), [&](const SettingSpec& row) {
    return row.cim_class == security_settings_class && cim::same_name(row.cim_property, property);
  });
}

// The properties that every CIM_SettingData has are strings, whatever they hold.
bool is_inherited(std::string_view property) {
  constexpr std::array<std::string_view, 4> names = {"Caption", "Description", "ElementName",
                                                     "InstanceID"};
  return std::ranges::any_of(names,
                             [&](std::string_view name) { return cim::same_name(name, property); });
}

// A transport hands over untyped text. A property that a newer Windows added is taken for a
// boolean when it reads like one: all that were added so far are.
bool is_boolean(std::string_view property, std::string_view value) {
  if (is_setting(property)) return true;
  return (value == "true" || value == "false") && !is_inherited(property);
}

std::string_view boolean_text(bool value) { return value ? "TRUE" : "FALSE"; }

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':  // A parser turns a bare one into a line feed.
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

void append_value(std::string& out, std::string_view value) {
  out += "<VALUE>";
  append_escaped(out, value);
  out += "</VALUE>";
}

void append_start(std::string& out, std::string_view element, std::string_view name,
                  std::string_view type) {
  out.append("<").append(element).append(" NAME=\"");
  append_escaped(out, name);
  out.append("\" TYPE=\"").append(type).append("\">");
}

void append_boolean(std::string& out, std::string_view name, bool value) {
  append_start(out, "PROPERTY", name, "boolean");
  append_value(out, boolean_text(value));
  out += "</PROPERTY>";
}

void append_scalar(std::string& out, std::string_view name, std::string_view value) {
  const auto boolean = is_boolean(name, value) ? cim::to_boolean(value) : std::nullopt;
  if (boolean) return append_boolean(out, name, *boolean);
  append_start(out, "PROPERTY", name, "string");
  append_value(out, value);
  out += "</PROPERTY>";
}

void append_array(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  append_start(out, "PROPERTY.ARRAY", name, "string");
  out += "<VALUE.ARRAY>";
  for (const std::string& value : values) append_value(out, value);
  out += "</VALUE.ARRAY></PROPERTY.ARRAY>";
}

void append_property(std::string& out, const cim::Property& property) {
  if (const auto* text = std::get_if<std::string>(&property.value))
    append_scalar(out, property.name, *text);
  else if (const auto* values = std::get_if<std::vector<std::string>>(&property.value))
    append_array(out, property.name, *values);
}

const Change* change_of(std::string_view property, const std::vector<Change>& changes) {
  for (const Change& change : changes)
    if (cim::same_name(schema::spec(change.setting).cim_property, property)) return &change;
  return nullptr;
}

Result<void> check(const cim::Instance& settings, const std::vector<Change>& changes) {
  if (settings.text("InstanceID").value_or("").empty())
    return fail(ErrorKind::invalid,
                "the security settings as read name no VM: their InstanceID is empty");
  for (const Change& change : changes) {
    const SettingSpec& row = schema::spec(change.setting);
    if (settings.find(row.cim_property) == nullptr)
      return fail(ErrorKind::invalid, "this host's Windows has no " +
                                          std::string(row.cim_property) +
                                          " among a VM's security settings");
  }
  return {};
}

}  // namespace

Result<std::string> embedded_instance(const cim::Instance& security_settings,
                                      const std::vector<Change>& changes) {
  if (const auto checked = check(security_settings, changes); !checked)
    return fail(checked.error());
  std::string out = "<INSTANCE CLASSNAME=\"";
  out.append(security_settings_class).append("\">");
  for (const cim::Property& property : security_settings.properties) {
    if (const Change* change = change_of(property.name, changes))
      append_boolean(out, property.name, change->desired);
    else
      append_property(out, property);
  }
  out += "</INSTANCE>";
  return out;
}

}  // namespace hvsec::hyperv
