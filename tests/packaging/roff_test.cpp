#include "src/packaging/roff.hpp"

#include <gtest/gtest.h>

namespace hvsec::packaging {
namespace {

struct TextCase {
  const char* name;
  const char* text;
  const char* want;
};

class RoffTextTest : public testing::TestWithParam<TextCase> {};

TEST_P(RoffTextTest, IsNoMarkup) { EXPECT_EQ(roff_text(GetParam().text), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    , RoffTextTest,
    testing::Values(TextCase{"Nothing", "", ""}, TextCase{"Words", "a few words", "a few words"},
                    TextCase{"HyphensStayWhatAShellReads", "--max-changes", "\\-\\-max\\-changes"},
                    TextCase{"BackslashesAreNoEscapes", "\\fB", "\\efB"},
                    TextCase{"QuotesStayStraight", "'dc-*' \"x\" `y`",
                             "\\(aqdc\\-*\\(aq \\(dqx\\(dq \\(gay\\(ga"},
                    TextCase{"AccentsStayCharacters", "~/^", "\\(ti/\\(ha"},
                    TextCase{"ADotAtTheBeginningIsNoRequest", ".TH x", "\\&.TH x"},
                    TextCase{"ADotFurtherOnIsADot", "a.b", "a.b"}),
    [](const auto& test) { return test.param.name; });

TEST(ManPageTest, WritesItsPartsInOrder) {
  ManPage page({.name = "a-b", .date = "2026-11-22", .source = "a 1.0", .manual = "a"});
  page.section("NAME").paragraph("a").paragraph("b").subsection("Part").entry(
      bold("-x") + " " + italic("N"), "so");
  page.example("$ a -x\n.b");
  EXPECT_EQ(page.take(),
            ".TH \"A\\-B\" 1 \"2026-11-22\" \"a 1.0\" \"a\"\n.nh\n.ad l\n"
            ".SH \"NAME\"\na\n.PP\nb\n.SS \"Part\"\n.TP\n\\fB\\-x\\fR \\fIN\\fR\nso\n"
            ".PP\n.RS 4\n.nf\n$ a \\-x\n\\&.b\n.fi\n.RE\n");
}

}  // namespace
}  // namespace hvsec::packaging
