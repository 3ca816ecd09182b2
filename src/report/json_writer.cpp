#include "src/report/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "src/report/utf8.hpp"

namespace hvsec::report {
namespace {

// What the sink gets at a time, or a little more.
constexpr std::size_t piece = std::size_t{64} * 1024;

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

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

// How much of `text` stands for itself: nearly always all of it.
std::size_t plain_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
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

void JsonWriter::finish() {
  out_ += '\n';
  hand_on();
}

void JsonWriter::hand_on() {
  sink_(out_);
  out_.clear();
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
  if (sink_ && out_.size() >= piece) hand_on();
  if (!std::exchange(first_, false)) out_ += ',';
  new_line();
}

void JsonWriter::new_line() { out_.append(1, '\n').append(2 * depth_, ' '); }

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out_ += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(append_special(text));
  }
  out_ += '"';
}

// Appends the first character of `text`, one that is not plain; gives its length.
std::size_t JsonWriter::append_special(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = first_character(text).length;
  if (length == 0)
    out_ += "\xEF\xBF\xBD";
  else if (lead < 0x80)
    out_ += escaped(lead);
  else
    out_ += text.substr(0, length);
  return length == 0 ? 1 : length;
}

}  // namespace hvsec::report
