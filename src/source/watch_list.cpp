#include "src/source/watch_list.hpp"

#include <system_error>

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

// As the kernel: more links than these one after another are taken for a loop.
constexpr int most_links = 40;

bool is_within(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

class Survey {
 public:
  explicit Survey(std::size_t most) : most_(most) {}

  void add(const fs::path& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error).lexically_normal();
    if (error) return;
    add_way(absolute.has_filename() ? absolute : absolute.parent_path(), most_links);
    const fs::path real = fs::canonical(absolute, error);
    if (!error && fs::is_directory(real, error)) add_tree(real, real);
  }

  [[nodiscard]] bool is_too_much() const { return list_.size() > most_; }
  WatchList take() { return std::move(list_); }

 private:
  // The entries that lead from the root to `path`, through every link on the way.
  void add_way(const fs::path& path, int links_left) {
    fs::path folder = path.root_path();
    for (const fs::path& name : path.relative_path()) {
      std::error_code error;
      const fs::path real = fs::canonical(folder, error);
      if (error) return;  // Whatever comes to be there shows in what is watched above it.
      list_[real].names.insert(name.string());
      const fs::path entry = real / name;
      if (links_left > 0 && fs::is_symlink(fs::symlink_status(entry, error)))
        add_way((real / fs::read_symlink(entry, error)).lexically_normal(), links_left - 1);
      folder = entry;
    }
  }

  void add_tree(const fs::path& folder, const fs::path& root) {
    std::vector<fs::path> waiting = {folder};
    std::set<fs::path> entered;
    while (!waiting.empty() && !is_too_much()) {
      const fs::path next = std::move(waiting.back());
      waiting.pop_back();
      if (!entered.insert(next).second) continue;
      list_[next].everything = true;
      look_into(next, root, waiting);
    }
  }

  void look_into(const fs::path& folder, const fs::path& root, std::vector<fs::path>& waiting) {
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
      std::error_code gone;
      if (is_hidden(entry->path())) continue;
      if (!entry->is_symlink(gone)) {
        if (entry->is_directory(gone)) waiting.push_back(entry->path());
        continue;
      }
      add_way(entry->path(), most_links);
      const fs::path target = fs::canonical(entry->path(), gone);
      if (gone || !is_within(target, root)) continue;
      if (fs::is_directory(target, gone))
        waiting.push_back(target);
      else
        list_[target.parent_path()].names.insert(target.filename().string());
    }
  }

  std::size_t most_;
  WatchList list_;
};

}  // namespace

Result<WatchList> watch_list(const std::vector<std::string>& paths, std::size_t most) {
  Survey survey(most);
  for (const std::string& path : paths) survey.add(path);
  if (survey.is_too_much())
    return fail(ErrorKind::terminal,
                "there are more than " + std::to_string(most) + " folders to be watched");
  return survey.take();
}

}  // namespace hvsec::source
