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

}  // namespace hvsec
