#include "reconciler/suspension.hpp"

#include <algorithm>

namespace hvsec {
namespace {

constexpr std::size_t longest_selector = 512;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

tl::unexpected<Error> wrong(std::string detail) {
  return fail(ErrorKind::invalid, std::move(detail));
}

}  // namespace

Result<SuspensionScope> parse_scope(std::string_view selector) {
  constexpr const char* hint = "; write HOST or HOST/VM, for example hv-ams-01 or hv-ams-*/dc-*";
  if (selector.empty()) return wrong(std::string("is empty") + hint);
  if (selector.size() > longest_selector)
    return wrong("is longer than " + std::to_string(longest_selector) + " bytes");
  if (std::ranges::any_of(selector, is_control)) return wrong("holds a control character");
  const auto slash = selector.find('/');
  if (slash == 0) return wrong(std::string("names no host") + hint + "; */dc-01 for any host");
  if (slash + 1 == selector.size())
    return wrong("names no virtual machine behind the slash; leave the slash out for all of them");
  const auto hosts = selector.substr(0, slash);
  const auto vms = slash == std::string_view::npos ? "*" : selector.substr(slash + 1);
  return SuspensionScope{{std::string(hosts)}, {std::string(vms)}};
}

std::string text(const SuspensionScope& scope) {
  return scope.vm.pattern == "*" ? scope.host.pattern : scope.host.pattern + "/" + scope.vm.pattern;
}

bool same_scope(const SuspensionScope& a, const SuspensionScope& b) {
  return same_text(a.host.pattern, b.host.pattern) && same_text(a.vm.pattern, b.vm.pattern);
}

bool covers(const SuspensionScope& scope, std::string_view host, std::string_view vm_name,
            const VmId& vm) {
  return scope.host.matches(host) && (scope.vm.matches(vm_name) || scope.vm.matches(vm.guid));
}

bool in_force(const Suspension& suspension, WallTime now) {
  return !suspension.until || now < *suspension.until;
}

std::string text(const Suspension& suspension) {
  std::string text = "suspended since " + utc_text(suspension.at);
  if (!suspension.actor.empty()) text += " by " + suspension.actor;
  if (suspension.until) text += " until " + utc_text(*suspension.until);
  return text + ": " + suspension.reason;
}

}  // namespace hvsec
