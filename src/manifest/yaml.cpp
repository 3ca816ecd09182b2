#include "src/manifest/yaml.hpp"

#include <istream>
#include <streambuf>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "src/manifest/tree_builder.hpp"

namespace hvsec::manifest {
namespace {

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

DocumentReader::DocumentReader(const Limits& limits)
    : limits_(limits), builder_(std::make_unique<TreeBuilder>(limits_)) {}

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
    errors.add(builder_->source().position(refused.mark), refused.message, refused.hint);
  } catch (const YAML::Exception& error) {
    SourceText& source = builder_->source();
    errors.add(source.position(error.mark), "this is not valid YAML: " + error.msg,
               source.is_tabbed(error.mark) ? "indent with blanks, not with tabs" : "");
  }
  return std::nullopt;
}

}  // namespace hvsec::manifest
