#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/manifests.hpp"
#include "reconciler/result.hpp"

/// How a flag's value, once read, gets to where it belongs.
namespace hvsec::cli {

using Names = std::span<const std::string_view>;

/// Takes the parsed value over, or passes the error on.
template <class Target, class Value>
Result<void> store(Target& target, Result<Value> value) {
  if (!value) return fail(value.error());
  target = *std::move(value);
  return {};
}

/// The enumerators of `Choice` stand in the order of their names.
template <class Choice>
Result<void> choose(Choice& target, Names names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) {
    std::string all;
    for (const std::string_view name : names) (all += all.empty() ? "" : ", ") += name;
    return fail(ErrorKind::invalid, "is none of " + all);
  }
  target = static_cast<Choice>(found - names.begin());
  return {};
}

template <class Choice>
Result<void> choose(std::optional<Choice>& target, Names names, std::string_view text) {
  Choice chosen{};
  if (auto taken = choose(chosen, names, text); !taken) return taken;
  target = chosen;
  return {};
}

inline Result<void> add_glob(std::vector<Glob>& globs, const std::string& text) {
  if (text.empty()) return fail(ErrorKind::invalid, "is empty");
  globs.push_back(Glob{text});
  return {};
}

inline Result<void> set_text(std::string& target, const std::string& text) {
  if (text.empty()) return fail(ErrorKind::invalid, "is empty");
  target = text;
  return {};
}

}  // namespace hvsec::cli
