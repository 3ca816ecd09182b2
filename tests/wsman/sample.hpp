#pragma once

#include <string>
#include <string_view>

namespace hvsec::wsman::test {

/// The text of tests/wsman/data/<name>: answers written after recorded ones. Empty and a failed
/// test when there is no such file.
std::string sample(std::string_view name);

/// A SOAP envelope around `body` that relates to `message_id` (none: no RelatesTo).
std::string envelope(std::string_view body, std::string_view message_id = "uuid:REQUEST");

/// The answer to an Enumerate or a Pull with `count` objects, the first of them numbered `first`.
std::string batch(std::string_view response, int first, int count, std::string_view context,
                  bool end, std::string_view message_id);

/// The text between `<...name>` and the next `<`; "" when there is none.
std::string text_of(std::string_view xml, std::string_view name);

}  // namespace hvsec::wsman::test
