#include "src/wsman/xml_parser.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "src/wsman/xml_bytes.hpp"
#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman::xml {
namespace {

// What a byte may be part of. Beyond ASCII all may be part of a name: XML forbids few of them, and
// none of the few can be mistaken for markup.
enum : std::uint8_t { blank = 1, name_start = 2, name_part = 4 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (const char c : {' ', '\t', '\r', '\n'}) classes.at(static_cast<unsigned char>(c)) = blank;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    const bool starts = letter || c == '_' || c == ':';
    const bool digit = c >= '0' && c <= '9';
    if (starts) classes.at(c) |= name_start;
    if (starts || digit || c == '-' || c == '.') classes.at(c) |= name_part;
  }
  return classes;
}
constexpr std::array<std::uint8_t, 256> classes = make_classes();

bool is(char c, std::uint8_t kind) { return (classes[static_cast<unsigned char>(c)] & kind) != 0; }

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is(c, blank); });
}

class Parser {
 public:
  // `ascii`  The text has no blanks but spaces.
  Parser(std::string& text, const Limits& limits, bool ascii)
      : at_(text.data()),
        end_(text.data() + text.size()),
        limits_(limits),
        plain_(std::ranges::none_of(std::string_view(ascii ? "&" : "&\r\n\t"),
                                    [&](char c) { return text.find(c) != text.npos; })) {
    constexpr std::size_t short_element = 32;  // Bytes, in a list of VMs.
    constexpr std::size_t long_item = 512;     // One has a few attributes and declarations.
    tree_.elements.reserve(std::min(text.size() / short_element + 1, limits.elements));
    tree_.attributes.reserve(text.size() / long_item + 4);
    tree_.declarations.reserve(text.size() / long_item + 8);
    open_.reserve(std::min(limits.depth, std::size_t{16}));
  }

  // Says what is wrong, or nothing.
  std::string_view run() {
    while (at_ != end_) {
      char* const open = find(at_, '<');
      if (const auto wrong = character_data(at_, open); !wrong.empty()) return wrong;
      at_ = open;
      if (at_ == end_) break;
      if (const auto wrong = markup(); !wrong.empty()) return wrong;
      take_repeated();
    }
    if (!open_.empty()) return "an element is not closed";
    return tree_.elements.empty() ? "it has no element" : std::string_view();
  }

  Tree take() { return std::move(tree_); }

 private:
  static constexpr std::string_view bad_reference =
      "it refers to an entity or a character that is not allowed";
  static constexpr std::string_view cut = "it is cut short";
  static constexpr std::string_view broken = "a tag is broken";

  // An element whose end has not come yet.
  struct Open {
    std::uint32_t element = 0;
    std::uint32_t last_child = 0;  // 0: none yet; the root is nobody's child.
    std::uint32_t outer_scope = 0;
    std::string_view blank = {};  // Is its text if nothing else comes.
    std::string* joined = nullptr;
    bool cdata = false;
  };

  [[nodiscard]] char* find(char* from, char wanted) const {
    void* const found = std::memchr(from, wanted, static_cast<std::size_t>(end_ - from));
    return found == nullptr ? end_ : static_cast<char*>(found);
  }
  // As `find`, for what is likely within a few bytes.
  [[nodiscard]] char* find_near(char* from, char wanted) const {
    if (end_ - from < static_cast<std::ptrdiff_t>(word)) return find(from, wanted);
    const std::size_t found = position_in_word(from, wanted);
    return found == word ? find(from + word, wanted) : from + found;
  }
  [[nodiscard]] std::string_view rest() const {
    return {at_, static_cast<std::size_t>(end_ - at_)};
  }
  [[nodiscard]] std::optional<std::string_view> resolved_unless_plain(char* begin, const char* end,
                                                                      bool attribute) const {
    if (plain_) return std::string_view(begin, static_cast<std::size_t>(end - begin));
    return resolved(begin, end, attribute);
  }
  void skip_blanks() {
    while (at_ != end_ && is(*at_, blank)) ++at_;
  }

  // At '<'.
  std::string_view markup() {
    const char kind = at_ + 1 == end_ ? '\0' : at_[1];
    if (kind == '/') return end_tag();
    if (kind == '?') return instruction();
    if (kind != '!') return start_tag();
    if (rest().starts_with("<!--")) return skip_past(4, "-->");
    if (rest().starts_with("<![CDATA[")) return cdata();
    return "document types and entities are not allowed";
  }

  // Takes the elements that are written as the one before them but for their texts, as the
  // thousands of an array are.
  void take_repeated() {
    if (!plain_ || open_.empty() || open_.back().last_child == 0) return;
    if (open_.size() == limits_.depth) return;
    Open& parent = open_.back();
    Element model = tree_.elements[parent.last_child];
    const char* const name = model.name.data();
    const std::size_t tag = model.name.size() + 2;
    // With '>' right after its name, it has neither attributes nor declarations.
    if (model.span != 1 || name[tag - 2] != '>') return;
    while (tree_.elements.size() < limits_.elements && takes(name - 1, tag, model.text)) {
      tree_.elements.back().last = false;
      ++tree_.elements[parent.element].children;
      tree_.elements.push_back(model);
    }
    parent.last_child = static_cast<std::uint32_t>(tree_.elements.size() - 1);
  }

  // Moves past the element that begins with the `tag` bytes at `opening`, and has nothing in it but
  // its `text`; false where there is none.
  bool takes(const char* opening, std::size_t tag, std::string_view& text) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (left <= tag || !same_bytes(at_, opening, tag)) return false;
    char* const begin = at_ + tag;
    char* const end = find_near(begin, '<');
    if (begin == end || is(*begin, blank)) return false;
    if (static_cast<std::size_t>(end_ - end) <= tag || end[1] != '/') return false;
    if (!same_bytes(end + 2, opening + 1, tag - 1)) return false;
    text = {begin, static_cast<std::size_t>(end - begin)};
    at_ = end + tag + 1;
    return true;
  }

  std::string_view instruction() {
    const bool named = at_ + 2 != end_ && is(at_[2], name_start);
    return named || at_ + 2 == end_ ? skip_past(2, "?>") : broken;
  }

  std::string_view skip_past(std::size_t opening, std::string_view closing) {
    const std::size_t end = rest().find(closing, opening);
    if (end == std::string_view::npos) return cut;
    at_ += end + closing.size();
    return {};
  }

  std::string_view cdata() {
    constexpr std::size_t opening = 9;
    char* const begin = at_ + opening;
    if (const auto wrong = skip_past(opening, "]]>"); !wrong.empty()) return wrong;
    char* const end = at_ - 3;
    if (open_.empty()) return "it has text outside its root";
    open_.back().cdata = true;
    add_text(with_line_feeds(begin, end));
    return {};
  }

  // The text before the next tag. Blanks alone are text only where nothing stands beside them.
  std::string_view character_data(char* begin, const char* end) {
    if (begin == end) return {};
    const std::string_view raw(begin, static_cast<std::size_t>(end - begin));
    if (is(*begin, blank) && is_blank(raw)) {
      if (!open_.empty()) open_.back().blank = with_line_feeds(begin, end);
      return {};
    }
    if (open_.empty()) return "it has text outside its root";
    const auto text = resolved_unless_plain(begin, end, false);
    if (!text) return bad_reference;
    add_text(*text);
    return {};
  }

  void add_text(std::string_view text) {
    Open& open = open_.back();
    std::string_view& all = tree_.elements[open.element].text;
    if (all.empty()) {
      all = text;
      return;
    }
    if (open.joined == nullptr) open.joined = &tree_.joined.emplace_back(all);
    all = open.joined->append(text);
  }

  std::string_view end_tag() {
    if (open_.empty()) return "it closes an element that was never opened";
    const Open& open = open_.back();
    Element& element = tree_.elements[open.element];
    at_ += 2;
    if (!rest().starts_with(element.name)) return at_ == end_ ? cut : "its tags do not match";
    at_ += element.name.size();
    skip_blanks();
    if (at_ == end_) return cut;
    if (*at_++ != '>') return "its tags do not match";
    const bool alone = element.children == 0 && element.text.empty() && !open.cdata;
    if (alone) element.text = open.blank;
    close();
    return {};
  }

  void close() {
    const Open& open = open_.back();
    tree_.elements[open.element].span =
        static_cast<std::uint32_t>(tree_.elements.size()) - open.element;
    scope_ = open.outer_scope;
    open_.pop_back();
  }

  std::string_view start_tag() {
    if (tree_.elements.size() == limits_.elements) return "it has too many elements";
    if (open_.size() == limits_.depth) return "its elements are nested too deeply";
    if (open_.empty() && !tree_.elements.empty()) return "it has several roots";
    ++at_;
    const std::string_view name = take_element_name();
    if (name.empty()) return at_ == end_ ? cut : broken;
    open(name);
    if (const auto wrong = attributes(); !wrong.empty()) return wrong;
    tree_.elements[open_.back().element].scope = scope_;
    const bool empty = *at_ == '/';
    if (empty) {
      ++at_;
      close();
    }
    if (at_ == end_) return cut;
    return *at_++ == '>' ? std::string_view() : broken;
  }

  void open(std::string_view name) {
    const auto index = static_cast<std::uint32_t>(tree_.elements.size());
    if (!open_.empty()) {
      Open& parent = open_.back();
      ++tree_.elements[parent.element].children;
      if (parent.last_child != 0) tree_.elements[parent.last_child].last = false;
      parent.last_child = index;
    }
    const std::size_t colon = name.find(':');
    Element& element = tree_.elements.emplace_back();
    element.name = name;
    element.prefix = colon == name.npos ? 0 : static_cast<std::uint32_t>(colon + 1);
    element.first_attribute = static_cast<std::uint32_t>(tree_.attributes.size());
    Open& opened = open_.emplace_back();
    opened.element = index;
    opened.outer_scope = scope_;
  }

  // Lists repeat the same names in the same order: a name is looked for where the element before
  // has it, since comparing is much quicker than reading letter by letter.
  std::string_view take_element_name() {
    const std::uint32_t sibling = open_.empty() ? 0 : open_.back().last_child;
    for (const std::uint32_t guess : {expected_, sibling}) {
      if (guess >= tree_.elements.size()) continue;
      const std::string_view name = tree_.elements[guess].name;
      const std::string_view left = rest();
      const bool same = left.size() > name.size() && left.starts_with(name);
      if (!same || is(left[name.size()], name_part)) continue;
      at_ += name.size();
      expected_ = guess + 1;
      return left.substr(0, name.size());
    }
    return take_name();
  }

  std::string_view take_name() {
    const char* const begin = at_;
    if (at_ == end_ || !is(*at_, name_start)) return {};
    do ++at_;
    while (at_ != end_ && is(*at_, name_part));
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  // Up to the end of the tag, '/' or '>'.
  std::string_view attributes() {
    for (std::size_t count = 0;; ++count) {
      const char* const before = at_;
      skip_blanks();
      if (at_ == end_) return cut;
      if (*at_ == '/' || *at_ == '>') return {};
      if (before == at_) return broken;
      if (count == limits_.attributes) return "an element has too many attributes";
      if (const auto wrong = attribute(); !wrong.empty()) return wrong;
    }
  }

  std::string_view attribute() {
    const std::string_view name = take_name();
    skip_blanks();
    if (at_ == end_) return cut;
    if (name.empty() || *at_++ != '=') return broken;
    skip_blanks();
    if (at_ == end_) return cut;
    const char quote = *at_++;
    if (quote != '"' && quote != '\'') return broken;
    char* const begin = at_;
    at_ = find(begin, quote);
    if (at_ == end_) return cut;
    const auto value = resolved_unless_plain(begin, at_++, true);
    if (!value) return bad_reference;
    keep(name, *value);
    return {};
  }

  void keep(std::string_view name, std::string_view value) {
    constexpr std::string_view declaration = "xmlns";
    constexpr std::string_view prefixed = "xmlns:";
    const bool of_prefix = name.starts_with(prefixed) && name.size() > prefixed.size();
    const bool declares = of_prefix || name == declaration;
    if (!declares) {
      ++tree_.elements.back().attributes;
      tree_.attributes.push_back({name, value});
      return;
    }
    name.remove_prefix(of_prefix ? prefixed.size() : declaration.size());
    tree_.declarations.push_back({name, value, scope_});
    scope_ = static_cast<std::uint32_t>(tree_.declarations.size());
  }

  char* at_;
  char* const end_;
  const Limits& limits_;
  const bool plain_;  // Nothing in the whole document stands for something else.
  Tree tree_;
  std::vector<Open> open_;
  std::uint32_t scope_ = 0;
  std::uint32_t expected_ = 0;  // The element whose name the next one likely has.
};

bool is_utf16(std::string_view text) {
  return text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE") ||
         text.starts_with(std::string_view("<\0", 2)) ||
         text.starts_with(std::string_view("\0<", 2));
}

// The encoding that the XML declaration names, if it names one that is not ours.
bool declares_other_encoding(std::string_view text) {
  if (!text.starts_with("<?xml")) return false;
  const std::string_view declaration = text.substr(0, text.find("?>"));
  std::size_t at = declaration.find("encoding");
  if (at == text.npos) return false;
  at = declaration.find_first_of("\"'", at);
  if (at == text.npos) return true;
  std::string name(declaration.substr(at + 1, 8));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return !name.starts_with("utf-8") && name != "us-ascii";
}

}  // namespace

Result<Tree> parse(std::string& text, const Limits& limits) {
  const auto refuse = [](std::string_view why) {
    return fail(ErrorKind::invalid, "the answer is not usable XML: " + std::string(why));
  };
  if (text.size() > limits.bytes) return refuse("it is too long");
  if (is_utf16(text)) return refuse("it is UTF-16, but UTF-8 was asked for");
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  if (declares_other_encoding(text)) return refuse("its encoding is not UTF-8");
  const bool ascii = is_plain(text);
  if (!ascii && find_objection(text) != text.npos)
    return refuse("it is not UTF-8, or holds control characters");
  Parser parser(text, limits, ascii);
  if (const std::string_view wrong = parser.run(); !wrong.empty()) return refuse(wrong);
  return parser.take();
}

}  // namespace hvsec::wsman::xml
