#pragma once

#include <cstdint>
#include <git2.h>
#include <memory>
#include <optional>
#include <span>

#include "reconciler/result.hpp"

namespace hvsec::source {

/// A conversation with git's upload-pack at a remote.
class Channel {
 public:
  virtual ~Channel() = default;

  enum class Topic : std::uint8_t { advertisement, pack };
  /// What is written and read from now on is about `topic`. First of all the advertisement.
  virtual Result<void> begin(Topic topic) = 0;
  virtual Result<void> write(std::span<const char> bytes) = 0;
  /// Gives at least one byte; none at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// Whether each topic is a conversation of its own, as over HTTP.
  [[nodiscard]] virtual bool is_stateless() const = 0;
};

/// Lets libgit2 talk over a channel instead of connections of its own, which cannot be interrupted,
/// never time out and share their trust with the whole process.
/// Lifetime  Outlives the remote that it is given to.
class Carrier {
 public:
  Carrier(Channel& channel, std::uint64_t most_bytes) : channel_(channel), left_(most_bytes) {}

  /// For git_remote_callbacks::transport, with the carrier as its payload.
  static int make_transport(git_transport** out, git_remote* owner, void* carrier);

  /// Why the channel failed: libgit2 keeps only a text. Empty: it did not.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  // For the functions that libgit2 calls.
  int begin(Channel::Topic topic);
  int read(std::span<char> into, std::size_t* got);
  int write(std::span<const char> bytes);

 private:
  int give_up(Error error);

  Channel& channel_;
  std::uint64_t left_;
  std::optional<Error> failure_;
};

}  // namespace hvsec::source
