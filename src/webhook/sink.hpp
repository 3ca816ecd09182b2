#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reconciler/ports/clock.hpp"
#include "src/webhook/address.hpp"
#include "src/webhook/curl_library.hpp"
#include "src/webhook/retry.hpp"

namespace hvsec::webhook {

struct Post {
  std::vector<std::string> fields;  ///< "Name: value".
  std::string body;
};

/// The receiver's end of HTTP, through libcurl. Verifies whom it talks to, follows no redirection,
/// and does not keep what is answered.
/// Threads  For one thread, but for `interrupt`.
class Sink {
 public:
  /// `ca_file`  The only authorities that are trusted; empty: the system's.
  Sink(const CurlLibrary& curl, const Address& address, const std::string& ca_file, Duration limit);
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink();

  /// Ends within the limit.
  Attempt send(const Post& post);

  /// Ends a `send` that is under way, and each that begins later.
  void interrupt();

 private:
  struct Curl;
  std::unique_ptr<Curl> curl_;
};

}  // namespace hvsec::webhook
