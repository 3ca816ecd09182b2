#pragma once

#include <cstddef>
#include <cstdint>

/// One input for the manifest loader, as libFuzzer calls it. Aborts when a promise of the loader is
/// broken: errors or manifests and never both, places within the text, messages that can be
/// printed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
