#include "reconciler/setting.hpp"

namespace hvsec {

std::string_view text(SettingValue value) {
  switch (value) {
    case SettingValue::unsupported:
      return "unsupported";
    case SettingValue::unset:
      return "unset";
    case SettingValue::off:
      return "false";
    case SettingValue::on:
      return "true";
  }
  return "";
}

std::optional<SettingValue> find_value(std::string_view text) {
  for (const auto value :
       {SettingValue::unsupported, SettingValue::unset, SettingValue::off, SettingValue::on})
    if (hvsec::text(value) == text) return value;
  return std::nullopt;
}

}  // namespace hvsec
