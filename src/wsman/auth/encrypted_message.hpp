#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

/// The multipart bodies in which WinRM carries messages that SPNEGO or Kerberos encrypted
/// (MS-WSMV 2.2.9.1): pure, no cryptography.
namespace hvsec::wsman {

inline constexpr std::string_view spnego_protocol = "application/HTTP-SPNEGO-session-encrypted";
inline constexpr std::string_view kerberos_protocol = "application/HTTP-Kerberos-session-encrypted";

struct EncryptedMessage {
  std::string original_type;  ///< The content type of what is inside.
  std::size_t length = 0;     ///< Of what is inside, as its sender says, in bytes.
  std::string signature;
  std::string data;
};

/// The Content-Type of a body that `write_encrypted` makes.
std::string encrypted_content_type(std::string_view protocol);
std::string write_encrypted(const EncryptedMessage& message, std::string_view protocol);

/// True for the Content-Type of any encrypted body.
bool is_encrypted(std::string_view content_type);
/// Errors: `invalid`, with what is wrong. Whoever sent it need not have known any key.
Result<EncryptedMessage> read_encrypted(std::string_view content_type, std::string_view body);

}  // namespace hvsec::wsman
