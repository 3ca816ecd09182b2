#include "src/report/text.hpp"

#include <gtest/gtest.h>

#include "tests/report/golden.hpp"
#include "tests/report/sample_report.hpp"

namespace hvsec::test {
namespace {

using report::render_text;
using report::TextOptions;

TEST(TextTest, CheckSaysWhatDrifted) {
  const SampleReport sample("check");
  expect_golden("check.txt", render_text(sample.report, {}));
}

TEST(TextTest, PlanSaysWhatWouldChange) {
  const SampleReport sample("plan");
  expect_golden("plan.txt", render_text(sample.report, {}));
}

TEST(TextTest, ApplySaysWhatBecameOfEachChange) {
  const SampleReport sample("apply");
  expect_golden("apply.txt", render_text(sample.report, {}));
}

TEST(TextTest, ColourAddsNothingButEscapeSequences) {
  const SampleReport sample("apply");
  const std::string plain = render_text(sample.report, {});
  const std::string coloured = render_text(sample.report, {.colour = true});
  expect_golden("apply.colour.txt", coloured);
  std::string stripped;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      stripped += coloured[i];
  }
  EXPECT_EQ(stripped, plain);
}

TEST(TextTest, WithoutUtf8TheSymbolsAreAscii) {
  SampleReport sample("plan");
  const std::string text = render_text(sample.report, {.utf8 = false});
  expect_golden("plan.ascii.txt", text);
  for (const char c : text) ASSERT_LT(static_cast<unsigned char>(c), 0x80U);
}

TEST(TextTest, VerboseListsWhatIsInSyncToo) {
  const SampleReport sample("apply");
  expect_golden("apply.verbose.txt", render_text(sample.report, {.verbose = true}));
}

TEST(TextTest, NothingAHostSaysReachesTheTerminalAsAControlCharacter) {
  const SampleReport sample("apply");
  for (const char c : render_text(sample.report, {.verbose = true}))
    ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
}

TEST(TextTest, VmsThatShareAShortIdAreToldApartByTheWholeOne) {
  SampleReport sample("check");
  auto& vms = sample.report.hosts[0].vms;
  vms[7].id.guid = "1A2B3C4D-0000-0000-0000-00000000000A";
  vms[8].id.guid = "1A2B3C4D-0000-0000-0000-00000000000B";
  const std::string text = render_text(sample.report, {});
  EXPECT_NE(text.find("web [1A2B3C4D-0000-0000-0000-00000000000A], "
                      "web [1A2B3C4D-0000-0000-0000-00000000000B]"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace hvsec::test
