#pragma once

#include <memory>
#include <string>

#include "src/source/channel.hpp"
#include "src/source/line.hpp"

namespace hvsec::source {

struct SshOptions {
  std::string key;               ///< The private key, PEM or OpenSSH's form.
  std::string key_file;          ///< Where it was read from, to be named in errors.
  std::string passphrase;        ///< Empty: the key is not encrypted.
  std::string known_hosts_file;  ///< As OpenSSH writes it; hashed names are understood.
};

/// git's protocol over SSH, through libssh2. The server's key has to be in the known hosts file;
/// nothing is ever added to it. Only the given key is offered.
/// Lifetime  `line` outlives the channel.
/// Errors: none; connecting is done when the conversation begins.
std::unique_ptr<Channel> make_ssh_channel(Line& line, Address address, SshOptions options);

}  // namespace hvsec::source
