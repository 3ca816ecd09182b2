#include "src/manifest/files.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace hvsec::manifest {
namespace {

namespace fs = std::filesystem;

bool is_within(const fs::path& path, const fs::path& root) {
  return std::ranges::mismatch(root, path).in1 == root.end();
}

class Search {
 public:
  explicit Search(const Limits& limits) : limits_(limits) {}

  void add(const std::string& path) {
    if (path == "-") {
      add_file("<stdin>", {});
      return;
    }
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    const fs::file_status status = error ? fs::file_status() : fs::status(real, error);
    if (error)
      refuse(path, "cannot be read: " + error.message());
    else if (fs::is_directory(status))
      add_folder(path, real);
    else if (fs::is_regular_file(status))
      add_file(path, real);
    else
      refuse(path, "is neither a file nor a folder", "pipe it in, and give - as the path");
  }

  Sources take() { return std::move(found_); }

 private:
  struct Folder {
    fs::path name;  // As the user sees it.
    fs::path real;
  };

  // A folder is looked at once, however many links lead to it: so there are no endless loops.
  void add_folder(const std::string& name, const fs::path& root) {
    const std::size_t first = found_.files.size();
    manifests_seen_ = 0;
    found_.folders.push_back(root);
    std::set<fs::path> entered;
    std::vector<Folder> waiting = {{name, root}};
    while (!waiting.empty()) {
      const Folder folder = std::move(waiting.back());
      waiting.pop_back();
      if (entered.insert(folder.real).second) look_into(folder, root, waiting);
    }
    std::ranges::sort(found_.files.begin() + static_cast<std::ptrdiff_t>(first), found_.files.end(),
                      {}, &Source::name);
    if (manifests_seen_ == 0)
      refuse(name, "has no *.yaml or *.yml file in it", "is this the right folder?");
  }

  // By name, so that which of two links to one place is followed does not depend on the disk.
  void look_into(const Folder& folder, const fs::path& root, std::vector<Folder>& waiting) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    fs::directory_iterator entry(folder.real, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error))
      if (!is_hidden_name(entry->path())) entries.push_back(*entry);
    if (error) refuse(folder.name.string(), "cannot be read: " + error.message());
    std::ranges::sort(entries);
    for (const fs::directory_entry& found : entries) {
      if (too_many()) return;
      add_entry({folder.name / found.path().filename(), found.path()}, found, root, waiting);
    }
  }

  void add_entry(Folder found, const fs::directory_entry& entry, const fs::path& root,
                 std::vector<Folder>& waiting) {
    std::error_code error;
    fs::file_status status = entry.symlink_status(error);
    const std::string name = found.name.string();
    if (!error && fs::is_symlink(status)) {
      found.real = fs::canonical(entry.path(), error);
      if (!error) status = fs::status(found.real, error);
      if (error && !is_manifest_name(found.name)) return;
      if (!error && !is_within(found.real, root)) {
        refuse_escape(found, status);
        return;
      }
      if (!error && (fs::is_directory(status) || is_manifest_name(found.name)))
        found_.links.push_back(entry.path());
    }
    if (error) {
      refuse(name, "cannot be read: " + error.message());
    } else if (fs::is_directory(status)) {
      waiting.push_back(std::move(found));
    } else if (is_manifest_name(found.name)) {
      ++manifests_seen_;
      if (fs::is_regular_file(status))
        add_file(name, found.real);
      else
        refuse(name, "is not a regular file");
    }
  }

  // A link to some other kind of file is none of our business.
  void refuse_escape(const Folder& link, const fs::file_status& status) {
    if (!fs::is_directory(status) && !is_manifest_name(link.name)) return;
    ++manifests_seen_;
    refuse(link.name.string(), "is a symbolic link to a place outside the folder that was given",
           "give that place as a path of its own");
  }

  void add_file(const std::string& name, const fs::path& real) {
    if (!too_many() && known_.insert(real).second) found_.files.push_back({name, real});
  }

  // Says so once.
  bool too_many() {
    if (found_.files.size() < limits_.files) return false;
    if (!std::exchange(told_too_many_, true))
      refuse(found_.files.back().name,
             "is one of more than " + std::to_string(limits_.files) + " files");
    return true;
  }

  void refuse(const std::string& name, std::string message, std::string hint = {}) {
    const Place place{std::make_shared<const std::string>(name)};
    found_.errors.push_back({place, std::move(message), std::move(hint)});
  }

  const Limits& limits_;
  Sources found_;
  std::set<fs::path> known_;
  std::size_t manifests_seen_ = 0;
  bool told_too_many_ = false;
};

}  // namespace

bool is_hidden_name(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool is_manifest_name(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension == ".yaml" || extension == ".yml";
}

Sources find_sources(const std::vector<std::string>& paths, const Limits& limits) {
  Search search(limits);
  for (const std::string& path : paths) search.add(path);
  return search.take();
}

Result<std::string> read(const Source& source, std::size_t most) {
  if (source.path.empty()) return read(std::cin, most);
  std::ifstream stream(source.path, std::ios::binary);
  if (!stream)
    return fail(ErrorKind::invalid, "cannot be read: " + std::generic_category().message(errno));
  return read(stream, most);
}

Result<std::string> read(std::istream& stream, std::size_t most) {
  constexpr std::size_t step = std::size_t{64} * 1024;
  std::string text;
  while (stream && text.size() <= most) {
    const std::size_t had = text.size();
    text.resize(had + step);
    stream.read(text.data() + had, static_cast<std::streamsize>(step));
    text.resize(had + static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return fail(ErrorKind::invalid, "cannot be read to its end");
  if (text.size() > most)
    return fail(ErrorKind::invalid, "is larger than " + std::to_string(most) + " bytes");
  return text;
}

}  // namespace hvsec::manifest
