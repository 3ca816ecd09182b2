// The corpus: good manifests, and bad ones with one mistake each, named by it, beside what is told
// of it. HVSEC_UPDATE_GOLDEN=1 writes the latter anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/load.hpp"
#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

namespace fs = std::filesystem;

const fs::path corpus = fs::path(HVSEC_SOURCE_DIR) / "tests/manifest/corpus";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::string> names(const char* folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(corpus / folder))
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().stem().string());
  std::ranges::sort(found);
  return found;
}

LoadResult load_from(const char* folder, const std::string& name) {
  return load_text(name + ".yaml", read(corpus / folder / (name + ".yaml")));
}

class GoodManifest : public testing::TestWithParam<std::string> {};

TEST_P(GoodManifest, IsAccepted) {
  EXPECT_THAT(told(load_from("good", GetParam())), testing::IsEmpty());
}

class BadManifest : public testing::TestWithParam<std::string> {};

TEST_P(BadManifest, IsToldExactly) {
  std::string lines;
  for (const std::string& line : told(load_from("bad", GetParam()))) lines += line + "\n";
  const fs::path golden = corpus / "bad" / (GetParam() + ".expected");
  if (std::getenv("HVSEC_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << lines;
  EXPECT_NE(lines, "");
  EXPECT_EQ(lines, read(golden));
}

std::string case_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

INSTANTIATE_TEST_SUITE_P(Corpus, GoodManifest, testing::ValuesIn(names("good")), case_name);
INSTANTIATE_TEST_SUITE_P(Corpus, BadManifest, testing::ValuesIn(names("bad")), case_name);

}  // namespace
}  // namespace hvsec::manifest
