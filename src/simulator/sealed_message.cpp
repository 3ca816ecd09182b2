#include "src/simulator/sealed_message.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view media_type = "multipart/encrypted";
constexpr std::string_view boundary = "Encrypted Boundary";
constexpr std::string_view octets = "application/octet-stream";
constexpr std::size_t length_field = 4;
// NTLM has 16 bytes and Kerberos some 60.
constexpr std::size_t max_signature = 1'024;

constexpr std::string_view blanks = " \t";

std::string_view trimmed_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

// What stands before `separator`; `text` becomes what stands behind it.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
  return part;
}

// A parameter such as boundary="x"; no quoted value of these messages holds a semicolon.
std::string_view parameter(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    std::string_view value = take_until(list, ";");
    if (!same_name(trimmed_blanks(take_until(value, "=")), name)) continue;
    value = trimmed_blanks(value);
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

tl::unexpected<Error> malformed(const std::string& what) {
  return fail(ErrorKind::invalid, "the encrypted message is malformed: " + what);
}

// The two parts, cut at their delimiters.
class Parts {
 public:
  Parts(std::string_view delimiter, std::string_view body) : delimiter_(delimiter), rest_(body) {}

  // MS-WSMV's own example has a blank behind the dashes.
  bool take_delimiter() {
    const std::string_view line = take_until(rest_, "\r\n");
    return line.starts_with("--") && trimmed_blanks(line.substr(2)) == delimiter_;
  }

  // The value of the header that must come next.
  std::optional<std::string_view> take_header(std::string_view name) {
    std::string_view line = take_until(rest_, "\r\n");
    if (!same_name(trimmed_blanks(take_until(line, ":")), name)) return std::nullopt;
    return trimmed_blanks(line);
  }

  // All up to the last delimiter. It is searched for from the end: the data may hold it as well.
  std::optional<std::string_view> take_data() {
    std::string_view data = std::exchange(rest_, {});
    if (data.ends_with("\r\n")) data.remove_suffix(2);
    const std::string end = std::string(delimiter_) + "--";
    if (!data.ends_with(end)) return std::nullopt;
    data.remove_suffix(end.size());
    if (data.ends_with("-- ")) data.remove_suffix(1);
    if (!data.ends_with("--")) return std::nullopt;
    data.remove_suffix(2);
    return data;
  }

 private:
  std::string_view delimiter_;
  std::string_view rest_;
};

bool read_original_content(std::string_view header, SealedMessage& message) {
  message.content_type = parameter(header, "type");
  if (const auto charset = parameter(header, "charset"); !charset.empty())
    message.content_type.append(";charset=").append(charset);
  const auto length = parameter(header, "Length");
  const auto read = std::from_chars(length.data(), length.data() + length.size(), message.length);
  return !length.empty() && read.ec == std::errc() && read.ptr == length.data() + length.size();
}

bool read_stream(std::string_view stream, SealedMessage& message) {
  if (stream.size() < length_field) return false;
  std::uint32_t size = 0;
  for (std::size_t place = length_field; place-- > 0;)
    size = (size << 8U) | static_cast<unsigned char>(stream[place]);
  stream.remove_prefix(length_field);
  if (size == 0 || size > max_signature || size > stream.size()) return false;
  message.signature = stream.substr(0, size);
  message.data = stream.substr(size);
  return true;
}

}  // namespace

std::optional<std::string> sealing_protocol(std::string_view content_type) {
  if (!same_name(trimmed_blanks(take_until(content_type, ";")), media_type)) return std::nullopt;
  return std::string(parameter(content_type, "protocol"));
}

std::string sealed_content_type(std::string_view protocol) {
  std::string out(media_type);
  out.append(";protocol=\"").append(protocol).append("\";boundary=\"").append(boundary);
  return out += '"';
}

Result<SealedMessage> read_sealed(std::string_view content_type, std::string_view body) {
  SealedMessage message;
  message.protocol = sealing_protocol(content_type).value_or("");
  const auto delimiter = parameter(content_type, "boundary");
  if (message.protocol.empty() || delimiter.empty())
    return malformed("its Content-Type names no protocol or no boundary");
  Parts parts(delimiter, body);
  if (!parts.take_delimiter()) return malformed("the first part is missing");
  if (parts.take_header("Content-Type") != message.protocol)
    return malformed("the first part is not of the protocol that the message names");
  const auto original = parts.take_header("OriginalContent");
  if (!original || !read_original_content(*original, message))
    return malformed("OriginalContent is missing or has no Length");
  if (!parts.take_delimiter()) return malformed("the second part is missing");
  if (parts.take_header("Content-Type") != octets)
    return malformed("the second part is not application/octet-stream");
  const auto stream = parts.take_data();
  if (!stream) return malformed("the last delimiter is missing");
  if (!read_stream(*stream, message)) return malformed("the length of its signature is not right");
  return message;
}

std::string write_sealed(const SealedMessage& message) {
  std::string out = "--";
  out.append(boundary).append("\r\n\tContent-Type: ").append(message.protocol);
  out.append("\r\n\tOriginalContent: type=").append(message.content_type);
  out.append(";Length=").append(std::to_string(message.length)).append("\r\n--");
  out.append(boundary).append("\r\n\tContent-Type: ").append(octets).append("\r\n");
  const auto size = static_cast<std::uint32_t>(message.signature.size());
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((size >> shift) & 255U);
  out.append(message.signature).append(message.data);
  return out.append("--").append(boundary).append("--\r\n");
}

}  // namespace hvsec::simulator
