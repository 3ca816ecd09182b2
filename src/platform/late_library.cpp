#include "src/platform/late_library.hpp"

#include <dlfcn.h>
#include <string>

namespace hvsec::platform {

Result<LateLibrary> LateLibrary::load(const char* name) {
  // Never unloaded: what it registered to run at the end must still be there.
  void* const handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle != nullptr) return LateLibrary(handle);
  const char* const why =
      dlerror();  // NOLINT(concurrency-mt-unsafe): the C library's is per thread.
  return fail(ErrorKind::terminal, "the library " + std::string(name) +
                                       " cannot be loaded: " + (why == nullptr ? "?" : why) +
                                       "; install the package that has it");
}

void* LateLibrary::find(const char* name) const { return dlsym(handle_, name); }

}  // namespace hvsec::platform
