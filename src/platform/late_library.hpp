#pragma once

#include "reconciler/result.hpp"

namespace hvsec::platform {

/// A shared library that few runs need, loaded when one does. Each library brings others along, and
/// all that are linked are loaded and bound at every start of every command.
/// Lifetime  As cheap to copy as a pointer; what was loaded stays until the process ends.
class LateLibrary {
 public:
  /// `name`  As the dynamic linker knows it, for example "libcurl.so.4".
  /// Errors: `terminal`: it is not installed, or cannot be loaded.
  static Result<LateLibrary> load(const char* name);

  /// Sets `function` to the library's function `name`. False: it has none.
  template <class Function>
  [[nodiscard]] bool find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(find(name));
    return function != nullptr;
  }

 private:
  explicit LateLibrary(void* handle) : handle_(handle) {}
  [[nodiscard]] void* find(const char* name) const;

  void* handle_;
};

}  // namespace hvsec::platform
