#include "src/revision/remote_url.hpp"

#include <algorithm>
#include <cctype>

namespace hvsec::revision {
namespace {

constexpr std::size_t longest = 2000;

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool is_scheme(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
  });
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '~';
  });
}

bool is_bracketed(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
           return is_alphanumeric(c) || c == ':' || c == '.' || c == '%';
         });
}

bool is_host(std::string_view text) { return is_name(text) || is_bracketed(text); }

bool is_host_and_port(std::string_view text) {
  if (is_host(text)) return true;
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && is_host(text.substr(0, colon)) &&
         is_port(text.substr(colon + 1));
}

std::string_view without_user(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

// An @ that is left may stand at the end of a password with a slash in it.
bool is_clear(std::string_view path) { return path.find('@') == std::string_view::npos; }

std::string of_url(std::string_view scheme, std::string_view rest) {
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view host = without_user(rest.substr(0, slash));
  const std::string_view path = rest.substr(slash);
  if (!is_scheme(scheme) || !is_host_and_port(host) || !is_clear(path)) return "";
  return std::string(scheme).append("://").append(host).append(path);
}

bool is_local(std::string_view url) {
  return url.starts_with('/') || url.starts_with("./") || url.starts_with("../");
}

// "user@host:path", as ssh and scp write it; also a path that begins with a name.
std::string of_short_form(std::string_view url) {
  const std::size_t slash = std::min(url.find('/'), url.size());
  const std::string_view front = without_user(url.substr(0, slash));
  const std::string_view path = url.substr(slash);
  const std::size_t colon = std::min(
      front.starts_with('[') ? front.find(':', front.find(']')) : front.find(':'), front.size());
  if (!is_host(front.substr(0, colon)) || !is_clear(path)) return "";
  if (front.substr(colon).starts_with("::")) return "";  // A program's name and its arguments.
  return std::string(front).append(path);
}

}  // namespace

std::string without_credentials(std::string_view url) {
  const bool printable = std::ranges::none_of(url, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (url.size() > longest || !printable) return "";
  if (is_local(url)) return std::string(url);
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos)
    return of_url(url.substr(0, scheme), url.substr(scheme + 3));
  return of_short_form(url);
}

}  // namespace hvsec::revision
