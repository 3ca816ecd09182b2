#pragma once

#include <filesystem>
#include <string>

#include "reconciler/result.hpp"
#include "src/source/mirror.hpp"

namespace hvsec::source {

/// Reads the public keys that signatures are checked against. Errors: `terminal`.
Result<std::string> read_keyring(const std::string& file);

/// Whether `commit` is signed by a key of `keyring` (the content of `keyring_file`), and nothing is
/// the matter with signature and key. gpg does it, in a home of its own below `scratch` that holds
/// nothing else: no key of this machine's users counts, none is fetched from anywhere.
/// Errors: `terminal`: it is not signed, by whom it is signed instead, what is the matter with the
/// signature or the key; `mirror` is damaged, which it then says.
Result<void> check_signature(Mirror& mirror, const git_oid& commit, const std::string& keyring,
                             const std::string& keyring_file, const std::filesystem::path& scratch);

}  // namespace hvsec::source
