#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/manifest/diagnostic.hpp"
#include "src/manifest/node.hpp"

namespace hvsec::manifest {

/// The way to a value, for messages: "spec.tls.caFile". A chain, so that the many values that are
/// right cost nothing.
struct Where {
  const Where* parent = nullptr;
  std::string_view key;
};

/// Keys that stand for all of their kind: "each item of spec.select.vms.names".
inline constexpr std::string_view each_item = "[]";
inline constexpr std::string_view each_key = "{}";

std::string text(const Where& where);

/// How long a text may be, in characters.
struct Length {
  std::size_t least = 1;
  std::size_t most = 253;
};

/// The value of `node`, or nothing after an error was told.
std::optional<std::string_view> as_text(const Node& node, const Where& where, Errors& errors,
                                        Length length = {});
std::optional<bool> as_boolean(const Node& node, const Where& where, Errors& errors);
std::optional<int> as_integer(const Node& node, const Where& where, Errors& errors, int least,
                              int most);
/// The position of `node`'s text in `choices`.
std::optional<std::size_t> as_choice(const Node& node, const Where& where, Errors& errors,
                                     std::span<const std::string_view> choices);
/// The items of a list; none after an error was told.
std::span<const Node> as_list(const Node& node, const Where& where, Errors& errors);

/// A path, a relative one from `folder`: a manifest means the same from wherever the program was
/// started.
inline constexpr Length path_length{1, 4096};
std::optional<std::string> as_path(const Node& node, const Where& where, Errors& errors,
                                   const std::filesystem::path& folder);

/// A key that is known and refused, with the reason in its own words.
struct RefusedKey {
  std::string_view key;
  std::string_view message;
  std::string_view hint;
};

struct KnownKeys {
  std::span<const std::string_view> allowed;
  std::span<const RefusedKey> refused = {};
};

/// A map whose keys are known. Tells at once what is no map and what is no known key.
class Fields {
 public:
  /// `at`  Where to point for a key that is missing.
  Fields(const Node& node, Position at, const Where& where, const KnownKeys& known, Errors& errors);

  [[nodiscard]] bool is_map() const { return node_.kind == NodeKind::map; }
  [[nodiscard]] Position at() const { return at_; }

  /// The value of `key`, or null.
  [[nodiscard]] const Node* find(std::string_view key) const;
  /// The same; a key that is missing is an error.
  [[nodiscard]] const Node* require(std::string_view key) const;
  /// The key itself, for its place; or null.
  [[nodiscard]] const Node* key(std::string_view key) const;
  /// Where the key is; where the map is when it has no such key.
  [[nodiscard]] Position at(std::string_view key) const;

  /// Exactly one of `keys` must be there: none or several is an error, and false.
  bool require_one(std::span<const std::string_view> keys) const;
  /// At most one of them may be there.
  bool allow_one(std::span<const std::string_view> keys) const;

  [[nodiscard]] const Where& where() const { return where_; }

 private:
  void check_key(const Node& key, const KnownKeys& known) const;

  const Node& node_;
  Position at_;
  const Where& where_;
  Errors& errors_;
};

}  // namespace hvsec::manifest
