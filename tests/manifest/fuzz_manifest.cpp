#include "tests/manifest/fuzz_manifest.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "src/manifest/encoding.hpp"
#include "src/manifest/load.hpp"

namespace {

using hvsec::manifest::Diagnostic;
using hvsec::manifest::LoadResult;

bool is_sound(const Diagnostic& error, std::size_t lines) {
  return !error.message.empty() && error.place.file && error.place.line <= lines &&
         !hvsec::manifest::has_control(text(error)) &&
         !hvsec::manifest::check_encoding(text(error));
}

bool is_sound(const LoadResult& result, const std::string& text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  const hvsec::Manifests& manifests = result.manifests;
  const std::size_t declared = manifests.hosts.size() + manifests.policies.size() +
                               manifests.waivers.size() + manifests.windows.size();
  if (!result.errors.empty() && (declared > 0 || !manifests.digest.empty())) return false;
  if (declared > result.documents) return false;
  return std::ranges::all_of(result.errors,
                             [&](const Diagnostic& error) { return is_sound(error, lines); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  if (!is_sound(hvsec::manifest::load_text("fuzz.yaml", text), text)) std::abort();
  return 0;
}
