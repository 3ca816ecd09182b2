#include "src/platform/late_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using platform::LateLibrary;
using testing::HasSubstr;

TEST(LateLibraryTest, GivesTheFunctionsOfALibraryThatIsThere) {
  const auto library = LateLibrary::load("libm.so.6");
  ASSERT_TRUE(library) << library.error().detail;
  double (*square_root)(double) = nullptr;
  ASSERT_TRUE(library->find("sqrt", square_root));
  EXPECT_EQ(square_root(9.0), 3.0);
  EXPECT_FALSE(library->find("hvsec_no_such_function", square_root));
  EXPECT_EQ(square_root, nullptr);
}

TEST(LateLibraryTest, SaysWhichLibraryIsMissing) {
  const auto library = LateLibrary::load("libhvsec-no-such-library.so.1");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, ErrorKind::terminal);
  EXPECT_THAT(library.error().detail, HasSubstr("libhvsec-no-such-library.so.1"));
  EXPECT_THAT(library.error().detail, HasSubstr("install the package"));
}

}  // namespace
}  // namespace hvsec::test
