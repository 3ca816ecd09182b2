#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace hvsec::manifest {

/// SHA-256 over a list of texts. Each text counts with its length: moving bytes from one text to
/// the next gives another digest.
class Digest {
 public:
  Digest();

  void add(std::string_view text);
  /// Lower-case hexadecimal. Ends the digest: nothing may be added after.
  [[nodiscard]] std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace hvsec::manifest
