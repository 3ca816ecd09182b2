#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"
#include "reconciler/result.hpp"
#include "src/source/source.hpp"

namespace hvsec::source {

/// Reads the secret that a file holds, with whatever care its permissions need, without the line
/// break at its end. Called on a thread of the source's own. Errors: naming the file, never what is
/// in it.
using ReadSecret = std::function<Result<std::string>(const std::string& file)>;

/// How much is taken from a remote. What goes beyond is an error, never cut off in silence.
struct GitLimits {
  Duration time = std::chrono::minutes(5);  ///< For all of one `fetch`.
  std::uint64_t received_bytes = 1u << 30;  ///< By one `fetch`, with all that git adds.
  std::uint64_t objects = 5'000'000;        ///< In what is received.
  std::size_t files = 100'000;              ///< Files, links and folders beneath the path.
  std::uint64_t file_bytes = 16u << 20;     ///< One file.
  std::uint64_t total_bytes = 128u << 20;   ///< Over all files.
  std::size_t depth = 64;                   ///< Folders inside one another.
  std::size_t packs = 100;  ///< More fetches than these kept one by one: all is fetched anew.
};

struct GitOptions {
  /// "https://host/path", "ssh://user@host/path", "user@host:path"; also "file:///path" or a path
  /// that begins with "/". Without a password: one in it is refused.
  std::string url;
  std::string branch;  ///< Empty: the one that the remote's HEAD names.
  std::string path;    ///< A folder or file within; empty: the whole tree.
  /// Belongs to this source alone while it lives; made when it is not there. What is kept in it
  /// makes the next start cheap, and can be thrown away.
  std::string state_folder;
  Duration poll = std::chrono::minutes(1);
  std::string username = "git";     ///< That a token is sent with.
  std::string token_file;           ///< For https. Read anew at each fetch. Empty: none is sent.
  std::string ca_file;              ///< For https: the only authorities. Empty: the system's.
  std::string ssh_key_file;         ///< Read anew at each fetch.
  std::string ssh_passphrase_file;  ///< Empty: the key is not encrypted.
  std::string known_hosts_file;     ///< Which keys ssh servers have, as OpenSSH writes it.
  /// Public keys, armored or not: only a commit signed by one of them is taken. Empty: any commit.
  std::string verify_keyring;
  ReadSecret read_secret;  ///< For the token, the key and its passphrase.
  GitLimits limits;
};

/// A branch of a git remote.
/// Errors: `invalid`: an option that cannot be meant so, or one that is missing.
Result<std::unique_ptr<Source>> make_git_source(boost::asio::any_io_executor executor, Clock& clock,
                                                GitOptions options);

}  // namespace hvsec::source
