#include "src/manifest/yaml.hpp"

#include <algorithm>
#include <istream>
#include <memory_resource>
#include <streambuf>
#include <string>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "src/manifest/encoding.hpp"

namespace hvsec::manifest {
namespace {

// What ends the reading of a document from inside a callback of the parser.
struct Refused {
  YAML::Mark mark;
  std::string message;
  std::string hint;
};

// Lets the parser read a text where it lies.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // Only ever read.
    setg(begin, begin, begin + text.size());
  }
};

bool is_document_start(std::string_view text) {
  return text.starts_with("---") && (text.size() == 3 || text[3] == ' ' || text[3] == '\t' ||
                                     text[3] == '\n' || text[3] == '\r');
}

// The parser's own words for a tab do not name it.
std::string syntax_hint(std::string_view text, const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  const std::size_t end = std::min(static_cast<std::size_t>(mark.pos), text.size());
  const std::size_t line_end = text.substr(0, end).rfind('\n');
  const std::string_view line = text.substr(line_end == text.npos ? 0 : line_end + 1);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  return indentation.find('\t') == indentation.npos ? "" : "indent with blanks, not with tabs";
}

std::string_view as_written(const Node& node) {
  return node.kind == NodeKind::null ? std::string_view("null") : node.text;
}

}  // namespace

std::vector<Chunk> split_documents(std::string_view file) {
  std::vector<Chunk> chunks;
  std::size_t start = 0;
  std::uint32_t start_line = 1;
  std::uint32_t line = 1;
  for (std::size_t at = file.find('\n'); at != file.npos; at = file.find('\n', at + 1)) {
    ++line;
    if (!is_document_start(file.substr(at + 1))) continue;
    chunks.push_back({file.substr(start, at + 1 - start), start_line});
    start = at + 1;
    start_line = line;
  }
  chunks.push_back({file.substr(start), start_line});
  return chunks;
}

// Builds the tree from the parser's events. Children wait on one stack until their parent ends;
// then they move, side by side, into memory that lives as long as the document.
class DocumentReader::Builder : public YAML::EventHandler {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  void begin(Chunk chunk, Errors& errors) {
    memory_.release();
    chunk_ = chunk;
    errors_ = &errors;
    waiting_.clear();
    open_.clear();
    anchored_.clear();
    counted_ = {};
    counted_to_ = 0;
    last_quoted_.reset();
    nodes_ = 0;
    started_ = false;
  }

  [[nodiscard]] std::optional<Node> root() const {
    if (waiting_.empty() || waiting_.front().kind == NodeKind::null) return std::nullopt;
    return waiting_.front();
  }

  // The place of `mark` in the file. The parser counts bytes, people count characters; marks nearly
  // always move on, so that counting goes on from the last one, or a long line would be counted
  // over and over.
  Position position(const YAML::Mark& mark) {
    if (mark.is_null()) return {chunk_.first_line, 1};
    const auto pos = std::min(static_cast<std::size_t>(mark.pos), chunk_.text.size());
    const auto bytes = std::min(static_cast<std::size_t>(mark.column), pos);
    const std::uint32_t line = chunk_.first_line + static_cast<std::uint32_t>(mark.line);
    const bool further = line == counted_.line && pos >= counted_to_;
    const std::size_t from = further ? counted_to_ : pos - bytes;
    const std::size_t more = count_characters(chunk_.text.substr(from, pos - from));
    const Position found{line, (further ? counted_.column : 1) + static_cast<std::uint32_t>(more)};
    if (pos >= counted_to_) {
      counted_ = found;
      counted_to_ = pos;
    }
    return found;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_)
      throw Refused{mark, "a document has ended before this, and no other begins here",
                    "is a bracket, a quote or an indentation wrong, or the line \"---\" missing?"};
    started_ = true;
  }
  void OnDocumentEnd() override {
    if (last_quoted_ && !is_closed(*last_quoted_))
      throw Refused{*last_quoted_, "this quote is never closed", {}};
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node{.kind = NodeKind::null, .at = position(mark)};
    if (!is_null_word(mark)) node.at = position_of_nothing(mark, node.at);
    add(mark, anchor, node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (value.size() > limits_.scalar_bytes)
      throw Refused{
          mark, "a value is longer than " + std::to_string(limits_.scalar_bytes) + " bytes", {}};
    if (tag != "?" && tag != "!") refuse_tag(mark);
    last_quoted_ = tag == "?" ? std::nullopt : std::optional(mark);
    add(mark, anchor,
        {.kind = tag == "!" ? NodeKind::quoted : NodeKind::plain,
         .at = position(mark),
         .size = 1 + static_cast<std::uint32_t>(value.size() / bytes_per_node),
         .text = keep(value)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (anchor >= anchored_.size() || !anchored_[anchor])
      throw Refused{mark, "this alias stands inside what it stands for", "write the value out"};
    Node node = *anchored_[anchor];
    node.at = position(mark);
    add(mark, 0, node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, NodeKind::sequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, NodeKind::map);
  }
  void OnMapEnd() override {
    drop_bad_entries();
    close();
  }

 private:
  struct Open {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::size_t first_child = 0;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, NodeKind kind) {
    if (open_.size() >= limits_.depth)
      throw Refused{
          mark,
          "lists and maps are nested deeper than " + std::to_string(limits_.depth) + " levels",
          {}};
    if (tag != "?") refuse_tag(mark);
    count(mark);
    open_.push_back({{.kind = kind, .at = position(mark)}, mark, anchor, waiting_.size()});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    const std::span<Node> children = std::span(waiting_).subspan(done.first_child);
    std::pmr::polymorphic_allocator<Node> allocator(&memory_);
    Node* const items = allocator.allocate(children.size());
    std::ranges::uninitialized_copy(children, std::span(items, children.size()));
    done.node.items = std::span(items, children.size());
    waiting_.resize(done.first_child);
    attach(done.mark, done.anchor, done.node);
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node) {
    count(mark);
    attach(mark, anchor, node);
  }

  void attach(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node) {
    waiting_.push_back(node);
    if (anchor != 0) {
      if (anchored_.size() <= anchor) anchored_.resize(anchor + 1);
      anchored_[anchor] = node;
    }
    if (open_.empty()) return;
    if (node.size > limits_.nodes - open_.back().node.size) refuse_size(mark);
    open_.back().node.size += node.size;
  }

  void count(const YAML::Mark& mark) {
    if (++nodes_ > limits_.nodes) refuse_size(mark);
  }

  [[noreturn]] void refuse_size(const YAML::Mark& mark) const {
    throw Refused{mark,
                  "the document has more than " + std::to_string(limits_.nodes) +
                      " values, aliases counted as what they stand for",
                  "split it"};
  }

  void refuse_tag(const YAML::Mark& mark) {
    errors_->add(position(mark), "tags such as \"!!str\" are not used in manifests",
                 "remove the tag");
  }

  // Whether the quoted scalar at `mark`, the last of the document, ends where it should. The parser
  // takes the end of the text for a closing quote.
  [[nodiscard]] bool is_closed(const YAML::Mark& mark) const {
    std::string_view rest = chunk_.text.substr(static_cast<std::size_t>(mark.pos));
    while (rest.starts_with('&') || rest.starts_with('!')) {
      rest.remove_prefix(std::min(rest.find_first_of(" \t\r\n"), rest.size()));
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    }
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return true;
    const char quote = rest.front();
    for (std::size_t at = 1; at < rest.size(); ++at) {
      if (quote == '"' && rest[at] == '\\') {
        ++at;
      } else if (rest[at] == quote) {
        const bool doubled = quote == '\'' && at + 1 < rest.size() && rest[at + 1] == quote;
        if (!doubled) return true;
        ++at;
      }
    }
    return false;
  }

  [[nodiscard]] bool is_null_word(const YAML::Mark& mark) const {
    const std::string_view rest =
        chunk_.text.substr(std::min(static_cast<std::size_t>(mark.pos), chunk_.text.size()));
    return rest.starts_with('~') || rest.starts_with("null") || rest.starts_with("Null") ||
           rest.starts_with("NULL");
  }

  // The parser puts a value that is not there where the next one begins. People look for it at its
  // key, or at the dash of the list.
  [[nodiscard]] Position position_of_nothing(const YAML::Mark& mark, Position found) {
    if (open_.empty()) return found;
    const Open& parent = open_.back();
    const std::size_t children = waiting_.size() - parent.first_child;
    if (parent.node.kind == NodeKind::map) return children % 2 == 1 ? waiting_.back().at : found;
    return position_of_dash(mark).value_or(found);
  }

  // Of the last dash before `mark`. Looks back a little only: a long comment is no reason to read
  // it for each of many dashes.
  [[nodiscard]] std::optional<Position> position_of_dash(const YAML::Mark& mark) {
    constexpr std::size_t look_back = 1024;
    const auto pos = std::min(static_cast<std::size_t>(mark.pos), chunk_.text.size());
    const std::size_t first = pos - std::min(pos, look_back);
    const std::string_view before = chunk_.text.substr(first, pos - first);
    const std::size_t dash = before.rfind('-');
    if (dash == before.npos) return std::nullopt;
    const std::size_t line_end = before.rfind('\n', dash);
    if (line_end == before.npos && first > 0) return std::nullopt;
    YAML::Mark at = mark;
    at.pos = static_cast<int>(first + dash);
    at.line -= static_cast<int>(std::ranges::count(before.substr(dash), '\n'));
    at.column = static_cast<int>(dash - (line_end == before.npos ? 0 : line_end + 1));
    return position(at);
  }

  std::string_view keep(const std::string& value) {
    char* const kept = std::pmr::polymorphic_allocator<char>(&memory_).allocate(value.size());
    std::ranges::copy(value, kept);
    return {kept, value.size()};
  }

  // Of the map that is about to end: what is no proper entry is told and taken out.
  void drop_bad_entries() {
    const auto first = static_cast<std::ptrdiff_t>(open_.back().first_child);
    find_repeated_keys(static_cast<std::size_t>(first));
    auto kept = waiting_.begin() + first;
    for (auto entry = kept; entry != waiting_.end(); entry += 2) {
      if (!is_good_key(*entry)) continue;
      *kept = *entry;
      *(kept + 1) = *(entry + 1);
      kept += 2;
    }
    waiting_.erase(kept, waiting_.end());
  }

  // Marks every key that an earlier one equals. Sorted, so that a huge map takes no huge time.
  void find_repeated_keys(std::size_t first) {
    keys_.clear();
    for (std::size_t at = first; at < waiting_.size(); at += 2)
      if (is_text(waiting_[at])) keys_.push_back(&waiting_[at]);
    std::ranges::sort(keys_, [](const Node* a, const Node* b) {
      return a->text != b->text ? a->text < b->text : a->at < b->at;
    });
    for (std::size_t i = 1; i < keys_.size(); ++i) {
      if (keys_[i]->text != keys_[i - 1]->text) continue;
      const std::string earlier = std::to_string(keys_[i - 1]->at.line);
      errors_->add(keys_[i]->at, "the key " + in_quotes(keys_[i]->text) + " is given twice",
                   "it is also on line " + earlier);
    }
    for (std::size_t i = keys_.size(); i-- > 1;)
      if (keys_[i]->text == keys_[i - 1]->text) keys_[i]->size = repeated;
  }

  bool is_good_key(const Node& key) const {
    if (key.size == repeated) return false;
    if (key.kind == NodeKind::plain && key.text == "<<") {
      errors_->add(key.at, "merge keys are not part of YAML 1.2", "write the keys out");
      return false;
    }
    if (is_text(key)) return true;
    const bool scalar = key.kind == NodeKind::plain;
    errors_->add(key.at, "a key must be text, but is " + std::string(kind_name(key)),
                 scalar ? "write \"" + std::string(as_written(key)) + "\", with the quotes" : "");
    return false;
  }

  static constexpr std::uint32_t repeated = 0;
  static constexpr std::size_t bytes_per_node = 32;

  const Limits& limits_;
  Chunk chunk_;
  Errors* errors_ = nullptr;
  std::pmr::monotonic_buffer_resource memory_;
  std::vector<Node> waiting_;
  std::vector<Open> open_;
  std::vector<std::optional<Node>> anchored_;
  std::vector<Node*> keys_;
  Position counted_;
  std::size_t counted_to_ = 0;
  std::optional<YAML::Mark> last_quoted_;
  std::size_t nodes_ = 0;
  bool started_ = false;
};

DocumentReader::DocumentReader(const Limits& limits)
    : limits_(limits), builder_(std::make_unique<Builder>(limits_)) {}

DocumentReader::~DocumentReader() = default;

// The second call is there for what the first has left: it finds nothing, or throws. Without it
// `, a: 1` would be an empty document; in a loop it would be so for ever.
std::optional<Node> DocumentReader::read(Chunk chunk, Errors& errors) {
  if (chunk.text.size() > limits_.document_bytes) {
    errors.add({chunk.first_line, 1},
               "this document is larger than " + std::to_string(limits_.document_bytes) + " bytes",
               "split it");
    return std::nullopt;
  }
  builder_->begin(chunk, errors);
  try {
    ViewBuffer buffer(chunk.text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(*builder_)) return std::nullopt;
    parser.HandleNextDocument(*builder_);
    return builder_->root();
  } catch (const Refused& refused) {
    errors.add(builder_->position(refused.mark), refused.message, refused.hint);
  } catch (const YAML::Exception& error) {
    errors.add(builder_->position(error.mark), "this is not valid YAML: " + error.msg,
               syntax_hint(chunk.text, error.mark));
  }
  return std::nullopt;
}

}  // namespace hvsec::manifest
