#include "src/report/json_writer.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "src/report/utf8.hpp"

namespace hvsec::report {
namespace {

std::string escaped(unsigned char control) {
  switch (control) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default: {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", unsigned{control});
      return buffer.data();
    }
  }
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  quote(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  before_value();
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::text_or_null(std::string_view name, std::string_view text) {
  key(name);
  return text.empty() ? null() : value(text);
}

std::string JsonWriter::take() {
  out_ += '\n';
  return std::move(out_);
}

JsonWriter& JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::before_value() {
  if (std::exchange(after_key_, false)) return;
  if (depth_ == 0) return;
  if (!std::exchange(first_, false)) out_ += ',';
  new_line();
}

void JsonWriter::new_line() { out_.append(1, '\n').append(2 * depth_, ' '); }

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = first_character(text).length;
    if (length == 0)
      out_ += "\xEF\xBF\xBD";
    else if (lead < 0x20 || lead == '"' || lead == '\\' || lead == 0x7F)
      out_ += escaped(lead);
    else
      out_ += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out_ += '"';
}

}  // namespace hvsec::report
