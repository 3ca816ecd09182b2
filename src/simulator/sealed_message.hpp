#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

/// Message encryption on plain HTTP (MS-WSMV 2.2.9.1): how a sealed message travels as a body. What
/// seals it is not known here.
namespace hvsec::simulator {

struct SealedMessage {
  std::string protocol;      ///< For example "application/HTTP-SPNEGO-session-encrypted".
  std::string content_type;  ///< Of the message before it was sealed.
  std::size_t length = 0;    ///< Bytes before it was sealed.
  std::string signature;
  std::string data;
};

/// The protocol that a Content-Type of sealed messages names; unset for every other Content-Type.
std::optional<std::string> sealing_protocol(std::string_view content_type);

/// The Content-Type of a message sealed under `protocol`.
std::string sealed_content_type(std::string_view protocol);

/// Reads a body that came with `content_type`. The part headers may begin with the tab that
/// MS-WSMV asks for, or without it.
/// Errors: `invalid`, saying what is wrong with it.
Result<SealedMessage> read_sealed(std::string_view content_type, std::string_view body);

std::string write_sealed(const SealedMessage& message);

}  // namespace hvsec::simulator
