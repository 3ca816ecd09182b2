#include "src/manifest/tree_builder.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace hvsec::manifest {
namespace {

// How the parser names the tag of a value that has none.
constexpr std::string_view no_tag = "?";
constexpr std::string_view no_tag_but_quotes = "!";

constexpr std::size_t bytes_per_node = 32;

// The size of a key that an earlier one equals; no other node has it.
constexpr std::uint32_t repeated = 0;

}  // namespace

void TreeBuilder::begin(Chunk chunk, Errors& errors) {
  memory_.release();
  source_ = SourceText(chunk);
  errors_ = &errors;
  waiting_.clear();
  open_.clear();
  anchored_.clear();
  last_quoted_.reset();
  nodes_ = 0;
  started_ = false;
}

std::optional<Node> TreeBuilder::root() const {
  if (waiting_.empty() || waiting_.front().kind == NodeKind::null) return std::nullopt;
  return waiting_.front();
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (started_)
    throw Refused{mark, "a document has ended before this, and no other begins here",
                  "is a bracket, a quote or an indentation wrong, or the line \"---\" missing?"};
  started_ = true;
}

void TreeBuilder::OnDocumentEnd() {
  if (last_quoted_ && !source_.is_closed(*last_quoted_))
    throw Refused{*last_quoted_, "this quote is never closed"};
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const Position at = source_.has_null(mark) ? source_.position(mark) : position_of_nothing(mark);
  add(mark, anchor, {.kind = NodeKind::null, .at = at});
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (value.size() > limits_.scalar_bytes)
    throw Refused{mark,
                  "a value is longer than " + std::to_string(limits_.scalar_bytes) + " bytes"};
  const bool quoted = tag == no_tag_but_quotes;
  if (!quoted && tag != no_tag) refuse_tag(mark);
  last_quoted_ = tag == no_tag ? std::nullopt : std::optional(mark);
  add(mark, anchor,
      {.kind = quoted ? NodeKind::quoted : NodeKind::plain,
       .at = source_.position(mark),
       .size = 1 + static_cast<std::uint32_t>(value.size() / bytes_per_node),
       .text = keep(value)});
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::optional<Node> anchored = anchor < anchored_.size() ? anchored_[anchor] : std::nullopt;
  if (!anchored)
    throw Refused{mark, "this alias stands inside what it stands for", "write the value out"};
  Node node = *anchored;
  node.at = source_.position(mark);
  add(mark, 0, node);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) {
  open(mark, tag, anchor, NodeKind::sequence);
}

void TreeBuilder::OnSequenceEnd() { close(); }

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
  open(mark, tag, anchor, NodeKind::map);
}

void TreeBuilder::OnMapEnd() {
  drop_bad_entries();
  close();
}

void TreeBuilder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       NodeKind kind) {
  if (open_.size() >= limits_.depth)
    throw Refused{
        mark, "lists and maps are nested deeper than " + std::to_string(limits_.depth) + " levels"};
  if (tag != no_tag) refuse_tag(mark);
  count(mark);
  open_.push_back({{.kind = kind, .at = source_.position(mark)}, mark, anchor, waiting_.size()});
}

void TreeBuilder::close() {
  Open done = open_.back();
  open_.pop_back();
  const std::span<Node> children = std::span(waiting_).subspan(done.first_child);
  Node* const items = std::pmr::polymorphic_allocator<Node>(&memory_).allocate(children.size());
  std::ranges::uninitialized_copy(children, std::span(items, children.size()));
  done.node.items = std::span(items, children.size());
  waiting_.resize(done.first_child);
  attach(done.mark, done.anchor, done.node);
}

void TreeBuilder::add(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node) {
  count(mark);
  attach(mark, anchor, node);
}

void TreeBuilder::attach(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node) {
  waiting_.push_back(node);
  if (anchor != 0) {
    if (anchored_.size() <= anchor) anchored_.resize(anchor + 1);
    anchored_[anchor] = node;
  }
  if (open_.empty()) return;
  if (node.size > limits_.nodes - open_.back().node.size) refuse_size(mark);
  open_.back().node.size += node.size;
}

void TreeBuilder::count(const YAML::Mark& mark) {
  if (++nodes_ > limits_.nodes) refuse_size(mark);
}

void TreeBuilder::refuse_size(const YAML::Mark& mark) const {
  throw Refused{mark,
                "the document has more than " + std::to_string(limits_.nodes) +
                    " values, aliases counted as what they stand for",
                "split it"};
}

void TreeBuilder::refuse_tag(const YAML::Mark& mark) {
  errors_->add(source_.position(mark), "tags such as \"!!str\" are not used in manifests",
               "remove the tag");
}

// The parser puts a value that is not there where the next one begins. People look for it at its
// key, or at the dash of the list.
Position TreeBuilder::position_of_nothing(const YAML::Mark& mark) {
  if (!open_.empty()) {
    const Open& parent = open_.back();
    const bool after_key = (waiting_.size() - parent.first_child) % 2 == 1;
    if (parent.node.kind == NodeKind::map && after_key) return waiting_.back().at;
    if (parent.node.kind == NodeKind::sequence)
      if (const auto dash = source_.dash_before(mark)) return *dash;
  }
  return source_.position(mark);
}

std::string_view TreeBuilder::keep(const std::string& value) {
  char* const kept = std::pmr::polymorphic_allocator<char>(&memory_).allocate(value.size());
  std::ranges::copy(value, kept);
  return {kept, value.size()};
}

// Of the map that is about to end: what is no proper entry is told and taken out.
void TreeBuilder::drop_bad_entries() {
  const std::size_t first = open_.back().first_child;
  find_repeated_keys(first);
  std::size_t kept = first;
  for (std::size_t entry = first; entry < waiting_.size(); entry += 2) {
    if (!is_good_key(waiting_[entry])) continue;
    waiting_[kept] = waiting_[entry];
    waiting_[kept + 1] = waiting_[entry + 1];
    kept += 2;
  }
  waiting_.resize(kept);
}

// Sorted, so that a huge map takes no huge time.
void TreeBuilder::find_repeated_keys(std::size_t first) {
  keys_.clear();
  for (std::size_t at = first; at < waiting_.size(); at += 2)
    if (is_text(waiting_[at])) keys_.push_back(&waiting_[at]);
  std::ranges::sort(keys_, [](const Node* a, const Node* b) {
    return a->text != b->text ? a->text < b->text : a->at < b->at;
  });
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    Node& key = *keys_[i];
    if (key.text != keys_[i - 1]->text) continue;
    errors_->add(key.at, "the key " + in_quotes(key.text) + " is given twice",
                 "it is also on line " + std::to_string(keys_[i - 1]->at.line));
    key.size = repeated;
  }
}

bool TreeBuilder::is_good_key(const Node& key) {
  if (key.size == repeated) return false;
  if (key.kind == NodeKind::plain && key.text == "<<") {
    errors_->add(key.at, "merge keys are not part of YAML 1.2", "write the keys out");
    return false;
  }
  if (is_text(key)) return true;
  errors_->add(
      key.at, "a key must be text, but is " + std::string(kind_name(key)),
      key.kind == NodeKind::plain ? "write " + in_quotes(key.text) + ", with the quotes" : "");
  return false;
}

}  // namespace hvsec::manifest
