// Replays the seeds, the corpus and a few thousand damaged copies of it through the fuzz target.
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/manifest/fuzz_manifest.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts(const fs::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    found.push_back(text.str());
  }
  return found;
}

void run(const std::string& text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
}

const fs::path folder = fs::path(HVSEC_SOURCE_DIR) / "tests/manifest";

TEST(ManifestFuzz, ReplaysTheSeeds) {
  const auto seeds = texts(folder / "seeds");
  EXPECT_GE(seeds.size(), 10U);
  for (const std::string& seed : seeds) run(seed);
}

TEST(ManifestFuzz, SurvivesDamagedManifests) {
  const auto corpus = texts(folder / "corpus");
  ASSERT_GE(corpus.size(), 100U);
  std::mt19937 dice(20260101);
  for (int round = 0; round < 4000; ++round) {
    std::string text = corpus[dice() % corpus.size()];
    for (auto changes = dice() % 4 + 1; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = dice() % text.size();
      constexpr std::string_view marks = "\"'[]{},:- \n\t#&*!|>?%@`\\~\0\xC3\xFF";
      if (dice() % 3 == 0)
        text.erase(at, dice() % 20);
      else if (dice() % 3 == 0)
        text.insert(at, text.substr(dice() % text.size(), dice() % 40));
      else
        text[at] = marks[dice() % marks.size()];
    }
    run(text);
  }
}

}  // namespace
