#include "src/manifest/load.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "src/manifest/decode.hpp"
#include "src/manifest/digest.hpp"
#include "src/manifest/encoding.hpp"
#include "src/manifest/files.hpp"
#include "src/manifest/yaml.hpp"

namespace hvsec::manifest {
namespace {

class Loader {
 public:
  explicit Loader(const Limits& limits) : limits_(limits) {}

  void load_source(const Source& source) {
    auto text = read(source, limits_.file_bytes);
    if (text) {
      load_text(source.name, *text);
      return;
    }
    Errors errors(source.name, limits_.errors);
    errors.add({}, text.error().detail);
    add_errors(errors.take());
  }

  void load_text(const std::string& name, std::string_view text) {
    Errors errors(name, limits_.errors);
    ++result_.files;
    digest_.add(text);
    if (fits(text.size(), errors)) load_documents(text, errors);
    add_errors(errors.take());
  }

  void add_errors(std::vector<Diagnostic> errors) {
    for (Diagnostic& error : errors) {
      std::vector<Diagnostic>& of_file = errors_[*error.place.file];
      of_file.push_back(std::move(error));
    }
  }

  LoadResult take() {
    if (errors_.empty())
      result_.manifests.digest = digest_.finish();
    else
      result_.manifests = {};
    for (auto& [file, errors] : errors_)
      std::ranges::move(errors, std::back_inserter(result_.errors));
    return std::move(result_);
  }

 private:
  bool fits(std::size_t bytes, Errors& errors) {
    total_bytes_ += bytes;
    if (bytes > limits_.file_bytes)
      errors.add({}, "is larger than " + std::to_string(limits_.file_bytes) + " bytes");
    else if (total_bytes_ > limits_.total_bytes)
      errors.add({}, "makes all files together larger than " + std::to_string(limits_.total_bytes) +
                         " bytes");
    else
      return true;
    return false;
  }

  void load_documents(std::string_view text, Errors& errors) {
    if (auto wrong = check_encoding(text)) {
      errors.add(wrong->at, std::move(wrong->message), std::move(wrong->hint));
      return;
    }
    const std::vector<Chunk> chunks = split_documents(text);
    if (chunks.size() > limits_.documents) {
      errors.add({}, "has more than " + std::to_string(limits_.documents) + " documents");
      return;
    }
    const std::filesystem::path folder = std::filesystem::path(errors.file()).parent_path();
    for (const Chunk& chunk : chunks) {
      const auto document = reader_.read(chunk, errors);
      if (!document) continue;
      ++result_.documents;
      total_nodes_ += document->size;
      if (total_nodes_ > limits_.total_nodes) {
        errors.add(document->at, "all documents together have more than " +
                                     std::to_string(limits_.total_nodes) +
                                     " values, aliases counted as what they stand for");
        return;
      }
      decoder_.decode(*document, folder, errors);
    }
  }

  Limits limits_;
  LoadResult result_;
  std::map<std::string, std::vector<Diagnostic>> errors_;  // By file.
  Digest digest_;
  DocumentReader reader_{limits_};
  Decoder decoder_{result_.manifests};
  std::size_t total_bytes_ = 0;
  std::size_t total_nodes_ = 0;
};

}  // namespace

LoadResult load(const std::vector<std::string>& paths, const Limits& limits) {
  Sources sources = find_sources(paths, limits);
  Loader loader(limits);
  loader.add_errors(std::move(sources.errors));
  for (const Source& source : sources.files) loader.load_source(source);
  LoadResult result = loader.take();
  result.sources = std::move(sources);
  return result;
}

LoadResult load_text(const std::string& file_name, const std::string& text, const Limits& limits) {
  Loader loader(limits);
  loader.load_text(file_name, text);
  return loader.take();
}

}  // namespace hvsec::manifest
