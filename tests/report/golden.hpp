#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace hvsec::test {

/// Compares `text` with tests/<layer>/golden/<name>. With HVSEC_UPDATE_GOLDEN set, writes it there
/// instead: look at the difference before committing it.
inline void expect_golden(const std::string& name, const std::string& text,
                          const std::string& layer = "report") {
  const std::string path = std::string(HVSEC_SOURCE_DIR) + "/tests/" + layer + "/golden/" + name;
  if (std::getenv("HVSEC_UPDATE_GOLDEN") != nullptr) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    ASSERT_TRUE(file.good()) << path;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file.is_open()) << path << " is missing; run with HVSEC_UPDATE_GOLDEN=1";
  const std::string wanted(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text, wanted) << "differs from " << path;
}

}  // namespace hvsec::test
