#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "reconciler/result.hpp"
#include "src/source/address.hpp"
#include "src/source/git_source.hpp"
#include "src/source/line.hpp"
#include "src/source/mirror.hpp"

namespace hvsec::source {

struct GitSecrets {
  std::string token;
  std::string ssh_key;
  std::string ssh_passphrase;
};

/// Whether git allows a branch of that name.
bool is_branch(const std::string& name);

/// What a git source does on a thread of its own, since libgit2 and the disk block.
/// Threads  Any; one call waits until another is over, also one that nobody waits for any more.
class GitFetch {
 public:
  GitFetch(Address address, GitOptions options);

  /// See `Source`.
  Result<Snapshot> fetch(Line& line, const GitSecrets& secrets);
  Result<void> keep(const std::string& commit, Line& line);
  Result<std::optional<Snapshot>> kept(Line& line);

 private:
  /// What was given out last, and the keys that it was checked against.
  struct Last {
    git_oid commit{};
    std::string keyring;
    Snapshot snapshot;
  };

  Result<Mirror> open_mirror(const Line& line, const std::string& name = "mirror.git") const;
  Result<void> gather(Mirror& mirror, Line& line, const GitSecrets& secrets) const;
  Result<Snapshot> follow(Mirror& mirror, Line& line, const GitSecrets& secrets);
  Result<std::unique_ptr<Channel>> make_channel(Line& line, const GitSecrets& secrets) const;
  /// The commit as a snapshot, once everything about it was checked.
  Result<Snapshot> accept(Mirror& mirror, const git_oid& commit, const Line& line);
  Result<Snapshot> check_out(Mirror& mirror, const git_oid& commit, const Line& line) const;

  Address address_;
  GitOptions options_;
  std::filesystem::path state_;
  std::mutex guard_;
  std::optional<Last> last_;
};

}  // namespace hvsec::source
