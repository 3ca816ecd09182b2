#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reconciler/result.hpp"

/// HTTP/1.1 as bytes: pure, no I/O.
namespace hvsec::wsman::http {

/// One field of a header, for example Authorization.
struct Field {
  std::string name;
  std::string value;
};

/// A POST. Nothing in it may come from a stranger: fields are written as they are.
struct Request {
  std::string host;  ///< The authority that goes into the Host field.
  std::string path;
  std::string content_type;
  std::vector<Field> fields;
  std::string body;
};

struct Answer {
  unsigned status = 0;
  std::string content_type;
  std::vector<std::string> challenges;              ///< The WWW-Authenticate fields, in order.
  std::optional<std::chrono::seconds> retry_after;  ///< Of at most a day; a date is not read.
  std::string body;
  bool keep_alive = false;  ///< The connection may carry another request.
  bool authentic = true;    ///< False: anybody may have said it, where protection was agreed upon.
};

struct AnswerLimits {
  std::size_t header_bytes = std::size_t{32} * 1024;
  std::size_t body_bytes = std::size_t{4} * 1024 * 1024;
};

std::string serialize(const Request& request);

/// Reads one answer out of the bytes as they come. Interim answers (1xx) are passed over.
///
/// Errors: `invalid` for what is not HTTP or breaks a limit; nothing may be read after one.
class AnswerReader {
 public:
  explicit AnswerReader(AnswerLimits limits);
  AnswerReader(AnswerReader&&) noexcept;
  AnswerReader& operator=(AnswerReader&&) noexcept;
  ~AnswerReader();

  /// Where the next bytes go; never empty. Valid until the next call.
  std::span<char> space();
  /// Says that `count` bytes came into `space()`. True when the answer is complete.
  Result<bool> received(std::size_t count);
  /// Says that the host closed the connection, which ends an answer of unstated length.
  /// Errors: also when the answer is cut short (`transient`).
  Result<void> closed();
  /// The complete answer.
  Answer take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hvsec::wsman::http
