#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/uuid/uuid.hpp>

namespace hvsec::simulator {

using Guid = boost::uuids::uuid;

/// Hyper-V's spelling: upper case, with hyphens, without braces.
std::string text(const Guid& guid);

/// Reads the spelling above in either case; empty for anything else.
std::optional<Guid> parse_guid(std::string_view text);

/// The version 5 GUID of `name` in RFC 4122's DNS name space: the same name has the same GUID in
/// every run, and any language's library can compute it.
Guid derive_guid(const std::string& name);

/// A GUID that was never given before, by this process or an earlier one.
Guid random_guid();

struct GuidHash {
  std::size_t operator()(const Guid& guid) const noexcept;
};

}  // namespace hvsec::simulator
