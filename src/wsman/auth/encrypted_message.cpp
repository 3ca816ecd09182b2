#include "src/wsman/auth/encrypted_message.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "src/wsman/field_text.hpp"

namespace hvsec::wsman {
namespace {

constexpr std::string_view boundary = "Encrypted Boundary";
constexpr std::string_view multipart = "multipart/encrypted";
constexpr std::string_view octets = "application/octet-stream";
constexpr std::string_view line_end = "\r\n";
// NTLM's signature has 16 bytes, that of Kerberos about 60; nothing has thousands.
constexpr std::uint32_t longest_signature = 4096;
constexpr std::size_t longest_boundary = 70;  // RFC 2046
constexpr std::size_t longest_line = 512;
constexpr std::size_t longest_type = 256;

tl::unexpected<Error> broken(const std::string& what) {
  return fail(ErrorKind::invalid, "the host's encrypted answer is malformed: " + what);
}

bool is_visible(char c) { return c >= ' ' && c < 0x7f; }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && http::same_name(text.substr(0, prefix.size()), prefix);
}

// The value of `key=` in a content type, without quotes.
std::optional<std::string_view> parameter(std::string_view content_type, std::string_view key) {
  for (std::size_t at = content_type.find(';'); at != content_type.npos;) {
    content_type.remove_prefix(at + 1);
    at = content_type.find(';');
    const std::string_view entry = http::trim(content_type.substr(0, at));
    const std::size_t equals = entry.find('=');
    if (equals == entry.npos || equals != key.size() || !starts_with_ignoring_case(entry, key))
      continue;
    std::string_view value = entry.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

// Takes a body apart from its front and its back, so that nothing is searched for in between: what
// is encrypted may well hold the boundary.
class Parts {
 public:
  Parts(std::string_view body, std::string_view name) : rest_(body), name_(name) {}

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // Exchange writes "-- Encrypted Boundary".
  bool take_delimiter() {
    if (!take("--")) return false;
    take(" ");
    return take(name_) && take(line_end);
  }

  std::optional<std::string_view> take_line() {
    const std::size_t end = rest_.substr(0, longest_line).find(line_end);
    if (end == rest_.npos) return std::nullopt;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + line_end.size());
    return http::trim(line);
  }

  bool take_closing_delimiter() {
    if (rest_.ends_with(line_end)) rest_.remove_suffix(line_end.size());
    for (const std::string_view text : {std::string_view("--"), name_})
      if (!take_back(text)) return false;
    if (rest_.ends_with("-- ")) rest_.remove_suffix(1);
    return take_back("--");
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  bool take_back(std::string_view text) {
    if (!rest_.ends_with(text)) return false;
    rest_.remove_suffix(text.size());
    return true;
  }

  std::string_view rest_;
  std::string_view name_;
};

// "OriginalContent: type=application/soap+xml;charset=UTF-8;Length=1234"
Result<void> read_original(std::string_view line, EncryptedMessage& message) {
  constexpr std::string_view name = "OriginalContent:";
  constexpr std::string_view key = ";Length=";
  if (!starts_with_ignoring_case(line, name)) return broken("OriginalContent is missing");
  const std::string_view value = http::trim(line.substr(name.size()));
  const std::size_t at = value.rfind(key);
  if (at == value.npos || !starts_with_ignoring_case(value, "type="))
    return broken("OriginalContent has no type or no Length");
  const std::string_view type = value.substr(5, at - 5);
  if (type.size() > longest_type || !std::ranges::all_of(type, is_visible))
    return broken("its original type is unusable");
  message.original_type = std::string(type);
  const std::string digits(value.substr(at + key.size()));
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, message.length);
  if (error != std::errc() || stop != end) return broken("its Length is no number");
  return {};
}

Result<void> read_sealed(std::string_view bytes, EncryptedMessage& message) {
  std::uint32_t size = 0;
  if (bytes.size() < 4) return broken("it ends before the encrypted data");
  for (int i = 3; i >= 0; --i)
    size = size << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  bytes.remove_prefix(4);
  if (size > longest_signature || size > bytes.size())
    return broken("its signature is longer than it can be");
  message.signature = std::string(bytes.substr(0, size));
  message.data = std::string(bytes.substr(size));
  return {};
}

Result<void> read_parts(Parts& parts, std::string_view protocol, EncryptedMessage& message) {
  constexpr std::string_view type = "Content-Type:";
  const auto has_type = [&](std::string_view expected) {
    const auto line = parts.take_line();
    return line && starts_with_ignoring_case(*line, type) &&
           http::trim(line->substr(type.size())) == expected;
  };
  if (!parts.take_delimiter()) return broken("its first boundary is missing");
  if (!has_type(protocol)) return broken("its first part is not of the announced protocol");
  const auto original = parts.take_line();
  if (!original) return broken("OriginalContent is missing");
  if (const auto read = read_original(*original, message); !read) return read;
  if (!parts.take_delimiter()) return broken("its second boundary is missing");
  if (!has_type(octets)) return broken("its second part is not application/octet-stream");
  if (!parts.take_closing_delimiter()) return broken("its last boundary is missing");
  return read_sealed(parts.rest(), message);
}

}  // namespace

std::string encrypted_content_type(std::string_view protocol) {
  return std::string(multipart) + ";protocol=\"" + std::string(protocol) + "\";boundary=\"" +
         std::string(boundary) + "\"";
}

std::string write_encrypted(const EncryptedMessage& message, std::string_view protocol) {
  const auto size = static_cast<std::uint32_t>(message.signature.size());
  std::string out;
  out.reserve(message.data.size() + message.signature.size() + 512);
  // The tabs are a must: MS-WSMV 2.2.9.1.1.2.
  out.append("--").append(boundary).append("\r\n\tContent-Type: ").append(protocol);
  out.append("\r\n\tOriginalContent: type=").append(message.original_type);
  out.append(";Length=").append(std::to_string(message.length));
  out.append("\r\n--").append(boundary).append("\r\n\tContent-Type: ").append(octets);
  out.append(line_end);
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>(size >> shift & 0xFFU));
  out.append(message.signature).append(message.data);
  return out.append("--").append(boundary).append("--\r\n");
}

bool is_encrypted(std::string_view content_type) {
  return starts_with_ignoring_case(http::trim(content_type), multipart);
}

Result<EncryptedMessage> read_encrypted(std::string_view content_type, std::string_view body) {
  const auto protocol = parameter(content_type, "protocol");
  const auto name = parameter(content_type, "boundary");
  if (!is_encrypted(content_type) || !protocol || !name)
    return broken("its Content-Type has no protocol or no boundary");
  if (*protocol != spnego_protocol && *protocol != kerberos_protocol)
    return broken("it is encrypted in a way that was not agreed upon");
  if (name->empty() || name->size() > longest_boundary) return broken("its boundary is unusable");
  EncryptedMessage message;
  Parts parts(body, *name);
  if (const auto read = read_parts(parts, *protocol, message); !read) return fail(read.error());
  return message;
}

}  // namespace hvsec::wsman
