#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "reconciler/error.hpp"

namespace hvsec {

/// A value, or why there is none. Never call `.value()`: it throws. Pass an error on in plain
/// sight: `if (!x) return fail(x.error());`
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> fail(ErrorKind kind, std::string detail) {
  return tl::unexpected<Error>(Error{kind, {}, std::move(detail)});
}

inline tl::unexpected<Error> fail(ErrorKind kind, ErrorCode code, std::string detail) {
  return tl::unexpected<Error>(Error{kind, code, std::move(detail)});
}

}  // namespace hvsec
