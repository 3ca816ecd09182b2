#pragma once

#include <string>
#include <string_view>

namespace hvsec::revision {

/// The address of a git remote as it may be told to anyone: without user, password, query and
/// fragment. Of "git@host:x", too, the user is left out: on some servers a token stands there.
/// Empty when it is not certain where the credentials end, or what the text is at all.
std::string without_credentials(std::string_view url);

}  // namespace hvsec::revision
