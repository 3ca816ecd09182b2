#pragma once

#include <compare>
#include <concepts>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// CIM objects as a management protocol carries them: untyped text, null, arrays and references.
namespace hvsec::cim {

/// Names one CIM object: its namespace, its class and the values of its keys.
struct ObjectPath {
  std::string name_space;  ///< With slashes, for example "root/virtualization/v2".
  std::string class_name;
  std::map<std::string, std::string> keys;  ///< Empty for a class or a singleton.
  friend bool operator==(const ObjectPath&, const ObjectPath&) = default;
};

/// A property that names another object. As small as a pointer, for nearly no property is one.
class Reference {
 public:
  Reference(ObjectPath path) : path_(std::make_shared<const ObjectPath>(std::move(path))) {}

  /// Lifetime  As the reference's. One that was moved from has none.
  [[nodiscard]] const ObjectPath& path() const { return *path_; }

  friend bool operator==(const Reference& a, const Reference& b) {
    return a.path_ == b.path_ || (a.path_ && b.path_ && *a.path_ == *b.path_);
  }

 private:
  std::shared_ptr<const ObjectPath> path_;
};

/// A property's value. `std::monostate` is null. Booleans are "true" or "false" and integers are
/// decimal, whatever the wire wrote; datetimes are as the wire wrote them.
using Value = std::variant<std::monostate, std::string, std::vector<std::string>, Reference>;

/// Whether two names are the same to CIM, which ignores case.
bool same_name(std::string_view a, std::string_view b);

/// `text` as a boolean: true or false in any case, 1 or 0; empty for anything else.
std::optional<bool> to_boolean(std::string_view text);

/// The name of a class or a property. As cheap to copy as a pointer, so that the many instances of
/// one list have their names in common.
class Name {
 public:
  Name() = default;
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Name(const T& text)
      : text_(std::make_shared<const std::string>(static_cast<std::string_view>(text))) {}

  operator std::string_view() const { return text_ ? std::string_view(*text_) : ""; }

  template <std::convertible_to<std::string_view> T>
  friend bool operator==(const Name& a, const T& b) {
    return std::string_view(a) == std::string_view(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const Name& name);

 private:
  std::shared_ptr<const std::string> text_;  // Null: empty.
};

struct Property {
  Name name;
  Value value;
  friend bool operator==(const Property&, const Property&) = default;
};

/// One CIM instance. A property that the host does not have is absent; a null one is present.
struct Instance {
  Name class_name;
  std::vector<Property> properties;  ///< In the order of the wire.

  /// The property `name`, or null when the instance has none. CIM names ignore case.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// The text of `name`; empty when absent, null, an array or a reference.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
  /// `name` as a boolean; empty when it is not one. Accepts true/false in any case, and 1/0.
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
  /// `name` as an unsigned number; empty when it is not one.
  [[nodiscard]] std::optional<unsigned long long> number(std::string_view name) const;
  /// `name` as an array; a scalar is an array of one, since the wire cannot tell them apart.
  /// Lifetime  As the property's.
  [[nodiscard]] std::span<const std::string> array(std::string_view name) const;
  /// What `name` refers to; null when it is no reference. Lifetime as the property's.
  [[nodiscard]] const ObjectPath* reference(std::string_view name) const;

  friend bool operator==(const Instance&, const Instance&) = default;
};

}  // namespace hvsec::cim
