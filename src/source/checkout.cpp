#include "src/source/checkout.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

// How often one commit can be held at once before something is wrong.
constexpr int most_of_one = 100;

Descriptor open_folder(const fs::path& folder) {
  return Descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool lock(const Descriptor& folder) { return flock(folder.number(), LOCK_EX | LOCK_NB) == 0; }

// What is locked is still held by somebody.
void sweep(const fs::path& parent) {
  std::error_code error;
  fs::directory_iterator entry(parent, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    const Descriptor folder = open_folder(entry->path());
    std::error_code ignored;
    if (!folder.is_open() || lock(folder)) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

Checkout::Checkout(fs::path folder, Descriptor descriptor)
    : folder_(std::move(folder)), descriptor_(std::move(descriptor)) {}

Checkout::~Checkout() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Result<std::shared_ptr<Checkout>> Checkout::make(const fs::path& parent,
                                                 const std::string& commit) {
  std::error_code error;
  fs::create_directories(parent, error);
  sweep(parent);
  fs::path folder = parent / commit;
  int made = mkdir(folder.c_str(), S_IRWXU);
  for (int i = 2; made != 0 && errno == EEXIST && i < most_of_one; ++i) {
    folder = parent / (commit + "-" + std::to_string(i));
    made = mkdir(folder.c_str(), S_IRWXU);
  }
  Descriptor opened = made == 0 ? open_folder(folder) : Descriptor();
  if (!opened.is_open() || !lock(opened))
    return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::system, errno},
                "the folder " + folder.string() +
                    " cannot be made to check out into: " + std::generic_category().message(errno));
  return std::shared_ptr<Checkout>(new Checkout(std::move(folder), std::move(opened)));
}

}  // namespace hvsec::source
