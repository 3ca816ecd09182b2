#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "reconciler/result.hpp"
#include "src/revision/git.hpp"
#include "src/source/address.hpp"
#include "src/source/channel.hpp"
#include "src/source/git_source.hpp"
#include "src/source/line.hpp"

namespace hvsec::source {

namespace git = revision::git;

/// Hexadecimal.
std::string text(const git_oid& id);

/// The bare repository on disk that a remote's branch is fetched into. All that is in it can be had
/// again: when it turns out to be damaged it is thrown away.
/// Threads   Not thread-safe.
/// Lifetime  `git::Library` and `line` outlive it. No two may be open in one folder.
class Mirror {
 public:
  Mirror(std::filesystem::path folder, Address address, std::string branch, const GitLimits& limits,
         const Line& line);

  /// Makes it where there is none that can be opened. Errors: `terminal`.
  Result<void> open();
  /// Throws it away.
  void discard();
  /// Goes on with what `fresh` has, and with its own marks as far as that has the commits.
  /// Errors: `terminal`.
  Result<void> take_over(Mirror fresh);

  /// Whether it lies in more packs than the limits say, which makes reading slow.
  [[nodiscard]] bool is_scattered() const;

  /// The commit that the remote's branch is at; fetches what is not there. `channel` is null for a
  /// remote on this disk.
  /// Errors: what the channel's are; `terminal`: no such branch, more than the limits allow.
  Result<git_oid> follow(Channel* channel);

  /// Of this address and branch, the commit that passed all checks last, and the one kept last.
  [[nodiscard]] std::optional<git_oid> passed() const { return marked("passed"); }
  void pass(const git_oid& commit) { mark("passed", commit); }
  [[nodiscard]] std::optional<git_oid> kept() const { return marked("kept"); }
  void keep(const git_oid& commit) { mark("kept", commit); }

  /// Whether `commit` has `older` among what it is built on. Unknown counts as so.
  [[nodiscard]] bool builds_on(const git_oid& commit, const git_oid& older) const;

  /// Reading what was fetched. Errors: `terminal`, and the mirror `is_damaged`.
  Result<git::Commit> commit(const git_oid& id);
  Result<git::Tree> tree(const git_oid& id);
  Result<git::Blob> blob(const git_oid& id);
  /// Without reading it.
  Result<std::uint64_t> size(const git_oid& blob);

  [[nodiscard]] bool is_damaged() const { return is_damaged_; }
  [[nodiscard]] git_repository* repository() const { return repository_.get(); }

 private:
  struct Wanted {
    std::string reference;
    git_oid id{};
  };

  tl::unexpected<Error> damage(const std::string& what);
  Result<Wanted> choose(git_remote* remote) const;
  Result<void> download(git_remote* remote, const Wanted& wanted, Carrier* carrier);
  /// Why a call of libgit2 about the remote failed.
  [[nodiscard]] Error failure(const Carrier* carrier) const;
  [[nodiscard]] std::string mark_name(const std::string& name) const;
  [[nodiscard]] std::optional<git_oid> marked(const std::string& name) const;
  void mark(const std::string& name, const git_oid& commit);

  std::filesystem::path folder_;
  Address address_;
  std::string branch_;
  GitLimits limits_;
  const Line& line_;
  git::Repository repository_;
  bool is_damaged_ = false;
};

}  // namespace hvsec::source
