#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "src/source/checkout.hpp"
#include "src/source/descriptor.hpp"

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_link = 4096;

// Whether a link in the folder that lies `depth` folders beneath the top stays beneath the top, by
// its words alone: folders on its way may be links themselves, which `manifest` looks at.
bool stays_within(std::string_view target, std::size_t depth) {
  if (target.empty() || target.starts_with('/')) return false;
  for (const fs::path& name : fs::path(target)) {
    if (name == "..") {
      if (depth == 0) return false;
      --depth;
    } else if (!name.empty() && name != ".") {
      ++depth;
    }
  }
  return true;
}

bool is_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

// A name in the repository may hold anything.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

struct Place {
  int folder;         // The descriptor of what it is put into.
  std::string shown;  // Its path in the repository.
  std::size_t depth;  // How many folders lie between the top and it.
};

class Writer {
 public:
  Writer(Mirror& mirror, const GitLimits& limits, const Line& line)
      : mirror_(mirror), limits_(limits), line_(line) {}

  Result<void> folder(const git_oid& id, const Place& place) {
    if (place.depth > limits_.depth)
      return refuse(place.shown,
                    "lies more than " + std::to_string(limits_.depth) + " folders deep");
    const auto tree = mirror_.tree(id);
    if (!tree) return fail(tree.error());
    for (std::size_t i = 0; i < git_tree_entrycount(tree->get()); ++i) {
      const git_tree_entry* const found = git_tree_entry_byindex(tree->get(), i);
      const char* const name = git_tree_entry_name(found);
      const Place inner{place.folder, place.shown + (place.shown.empty() ? "" : "/") + name,
                        place.depth};
      if (const auto done = entry(found, name, inner); !done) return done;
    }
    return {};
  }

  Result<void> entry(const git_tree_entry* found, const char* name, const Place& place) {
    if (line_.is_cut()) return fail(ErrorKind::cancelled, "cancelled");
    if (++files_ > limits_.files)
      return refuse(place.shown, "is one of more than " + std::to_string(limits_.files) + " files");
    if (!is_name(name)) return refuse(place.shown, "has a name that no file can have");
    const git_oid& id = *git_tree_entry_id(found);
    switch (git_tree_entry_filemode(found)) {
      case GIT_FILEMODE_TREE:
        return inner_folder(id, name, place);
      case GIT_FILEMODE_BLOB:
      case GIT_FILEMODE_BLOB_EXECUTABLE:
        return file(id, name, place);
      case GIT_FILEMODE_LINK:
        return link(id, name, place);
      case GIT_FILEMODE_COMMIT:
        return refuse(place.shown,
                      "is a submodule, which is not followed: what it holds would be "
                      "missing");
      default:
        return refuse(place.shown, "is neither a file nor a folder");
    }
  }

 private:
  static tl::unexpected<Error> refuse(const std::string& path, const std::string& why) {
    return fail(ErrorKind::terminal, printable(path) + " " + why);
  }

  static tl::unexpected<Error> system_failure(const std::string& path) {
    return fail(
        ErrorKind::terminal, ErrorCode{ErrorDomain::system, errno},
        printable(path) + " cannot be checked out: " + std::generic_category().message(errno));
  }

  Result<void> inner_folder(const git_oid& id, const char* name, const Place& place) {
    if (mkdirat(place.folder, name, S_IRWXU) != 0) return system_failure(place.shown);
    const Descriptor inner(
        openat(place.folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inner.is_open()) return system_failure(place.shown);
    return folder(id, {inner.number(), place.shown, place.depth + 1});
  }

  // The size is asked first: what is too large is never read.
  Result<git::Blob> read(const git_oid& id, const Place& place, std::uint64_t most) {
    const auto size = mirror_.size(id);
    if (!size) return fail(size.error());
    if (*size > most)
      return refuse(place.shown, "is larger than " + std::to_string(most) + " bytes");
    bytes_ += *size;
    if (bytes_ > limits_.total_bytes)
      return refuse(place.shown, "is one of files that have more than " +
                                     std::to_string(limits_.total_bytes) +
                                     " bytes together; name the manifests' folder as the path");
    return mirror_.blob(id);
  }

  Result<void> file(const git_oid& id, const char* name, const Place& place) {
    const auto blob = read(id, place, limits_.file_bytes);
    if (!blob) return fail(blob.error());
    const Descriptor made(openat(place.folder, name,
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
    if (!made.is_open()) return system_failure(place.shown);
    const char* left = static_cast<const char*>(git_blob_rawcontent(blob->get()));
    auto size = static_cast<std::size_t>(git_blob_rawsize(blob->get()));
    while (size > 0) {
      const ssize_t written = ::write(made.number(), left, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_failure(place.shown);
      left += written;
      size -= static_cast<std::size_t>(written);
    }
    return {};
  }

  Result<void> link(const git_oid& id, const char* name, const Place& place) {
    const auto blob = read(id, place, longest_link);
    if (!blob) return fail(blob.error());
    const std::string target(static_cast<const char*>(git_blob_rawcontent(blob->get())),
                             static_cast<std::size_t>(git_blob_rawsize(blob->get())));
    if (!stays_within(target, place.depth) || target.find('\0') != std::string::npos)
      return refuse(place.shown, "is a symbolic link to a place outside what is checked out");
    if (symlinkat(target.c_str(), place.folder, name) != 0) return system_failure(place.shown);
    return {};
  }

  Mirror& mirror_;
  const GitLimits& limits_;
  const Line& line_;
  std::size_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

// What the way to the path leads through, made as it goes.
struct Way {
  git::Tree tree;
  Descriptor folder;
  std::string walked;
};

tl::unexpected<Error> no_such(const std::string& path, const git_oid& commit) {
  return fail(ErrorKind::terminal, "commit " + text(commit) + " has no " + path);
}

Result<void> step_into(Way& way, const git_tree_entry* entry, Mirror& mirror) {
  const char* const name = git_tree_entry_name(entry);
  auto inner = mirror.tree(*git_tree_entry_id(entry));
  if (!inner) return fail(inner.error());
  const int above = way.folder.number();
  if (mkdirat(above, name, S_IRWXU) == 0)
    way.folder = Descriptor(openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (way.folder.number() == above || !way.folder.is_open())
    return fail(ErrorKind::terminal, std::string(name) + " cannot be checked out: " +
                                         std::generic_category().message(errno));
  way.tree = *std::move(inner);
  return {};
}

}  // namespace

Result<void> write_tree(Mirror& mirror, const git_oid& commit, const std::string& path,
                        const Checkout& checkout, const GitLimits& limits, const Line& line) {
  const auto found = mirror.commit(commit);
  if (!found) return fail(found.error());
  auto top = mirror.tree(*git_commit_tree_id(found->get()));
  if (!top) return fail(top.error());
  Way way{.tree = *std::move(top),
          .folder = Descriptor(fcntl(checkout.descriptor(), F_DUPFD_CLOEXEC, 0)),
          .walked = ""};
  Writer writer(mirror, limits, line);
  for (const fs::path& name : fs::path(path)) {
    if (name.empty()) continue;
    const git_tree_entry* const entry = git_tree_entry_byname(way.tree.get(), name.c_str());
    if (entry == nullptr) return no_such(path, commit);
    way.walked += (way.walked.empty() ? "" : "/") + name.string();
    if (git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE) {
      if (way.walked != path) return no_such(path, commit);
      return writer.entry(entry, name.c_str(), {way.folder.number(), path, 0});
    }
    if (const auto stepped = step_into(way, entry, mirror); !stepped) return stepped;
  }
  return writer.folder(*git_tree_id(way.tree.get()), {way.folder.number(), way.walked, 0});
}

}  // namespace hvsec::source
