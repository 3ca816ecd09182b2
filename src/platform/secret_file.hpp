#pragma once

#include <string>

#include "reconciler/manifests.hpp"
#include "reconciler/result.hpp"
#include "src/platform/environment.hpp"

namespace hvsec::platform {

struct SecretReading {
  std::string text;
  std::string warning;  ///< A sentence when the file can be read by others; else empty.
};

/// Fetches the secret that `source` names. From a file one line break at the end is dropped, since
/// editors and `echo` add it. At most 4096 bytes, no NUL.
/// Errors: `invalid`, naming the file or the variable, never what is in it.
Result<SecretReading> read_secret(const SecretSource& source, const Environment& environment);

}  // namespace hvsec::platform
