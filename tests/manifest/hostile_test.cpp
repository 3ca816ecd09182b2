// Input made to crash the program, to keep it busy or to be taken for something else. Each case of
// this file also has the time limit that ctest gives it.
#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/load.hpp"
#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string random_bytes(std::size_t size) {
  std::mt19937 dice(20260101);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(dice());
  return bytes;
}

// Each level holds nine times the one before.
std::string alias_bomb() {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    const std::string before = std::string("*") + static_cast<char>(c - 1);
    text += std::string(1, c) + ": &" + c + " [" + repeated(before + ", ", 8) + before + "]\n";
  }
  return text;
}

struct HostileCase {
  const char* name;
  std::string text;
  const char* told;
  Limits limits = {};

  friend void PrintTo(const HostileCase& c, std::ostream* os) { *os << c.name; }
};

constexpr const char* too_deep = "nested deeper than 64 levels";
constexpr const char* no_document = "a document has ended before this";
constexpr const char* too_many_values = "more than 100000 values";

Limits roomy() {
  Limits limits;
  limits.document_bytes = 2u << 20;
  return limits;
}

const HostileCase hostile_cases[] = {
    {"Comma", ",", no_document},
    {"CommaThenMap", ", a: 1", no_document},
    {"TwoRoots", "{a: 1}, b", no_document},
    {"OnlyClosingBracket", "]", "not valid YAML"},
    {"TenMegabytesOfNoise", random_bytes(10u << 20), "not UTF-8"},
    {"DeepLists", repeated("[", 100'000), too_deep},
    {"DeepListsThatClose", repeated("[", 100'000) + repeated("]", 100'000), too_deep},
    {"DeepListsOnLines", repeated("[\n", 100'000), too_deep},
    {"DeepBlockLists", repeated("- ", 100'000), too_deep},
    {"DeepMaps", repeated("{a: ", 100'000), too_deep, roomy()},
    {"DeepComplexKeys", repeated("? ", 100'000), too_deep},
    {"DeepMixed", repeated("[{a: ", 50'000), too_deep},
    {"ManyAnchors", repeated("&a ", 80'000), "not valid YAML"},
    {"ManyTags", repeated("!a ", 80'000), "not valid YAML"},
    {"AliasBomb", alias_bomb(), too_many_values},
    {"AliasOfItself", "a: &a [*a]", "stands inside what it stands for"},
    {"AliasOfItselfAsKey", "&a {*a : 1}", "stands inside what it stands for"},
    {"AliasOfNothing", "a: *b", "anchor is not defined"},
    {"WideList", "a: [" + repeated("x,", 110'000) + "x]", too_many_values},
    {"WideMap", "{" + repeated("a, ", 60'000) + "a}", too_many_values},
    {"LongText", "a: " + std::string(70'000, 'x'), "longer than 65536 bytes"},
    {"LongTextMadeOfAliases",
     "a: &a " + std::string(60'000, 'x') + "\nb: [" + repeated("*a, ", 40'000) + "]",
     too_many_values},
    {"LongDocument", repeated("# comment\n", 30'000), "larger than 262144 bytes"},
    {"ManyDocuments", repeated("---\n", 100'001), "more than 100000 documents"},
    {"LongFile", std::string((16u << 20) + 1, '\n'), "is larger than 16777216 bytes"},
    {"QuoteNeverClosed", "apiVersion: \"hvsec/v1\n", "never closed"},
    {"SingleQuoteNeverClosed", "a: 'it''s\n", "never closed"},
    {"QuoteWithAnchorNeverClosed", "a: &x \"hvsec\n", "never closed"},
};

class Hostile : public testing::TestWithParam<HostileCase> {};

TEST_P(Hostile, IsAnErrorAndNothingElse) {
  const HostileCase& c = GetParam();
  const LoadResult result = load_text("a.yaml", c.text, c.limits);
  ASSERT_FALSE(result.errors.empty());
  EXPECT_THAT(told(result).front(), HasSubstr(c.told));
  EXPECT_THAT(result.manifests.hosts, IsEmpty());
  EXPECT_THAT(result.manifests.policies, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, Hostile, testing::ValuesIn(hostile_cases),
                         [](const auto& test) { return std::string(test.param.name); });

std::string policy_with(const std::string& settings_and_more) {
  return "apiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: p}\nspec:\n  select: {}\n" +
         settings_and_more;
}

// The errors of one file are capped, and counted on.
TEST(Limits, TellsTheFirstHundredMistakesAndCountsTheRest) {
  std::string text = policy_with("  settings:\n");
  for (int i = 0; i < 250; ++i) text += "    wrong" + std::to_string(i) + ": true\n";
  const LoadResult result = load_text("a.yaml", text);
  ASSERT_THAT(result.errors, SizeIs(101));
  EXPECT_EQ(told(result).back(), "a.yaml: and 150 more errors");
  EXPECT_EQ(told(result).front().substr(0, 37), "a.yaml:7:5: unknown key \"wrong0\" in s");
}

TEST(Limits, ARepeatedKeyIsFoundAmongVeryMany) {
  std::string text = "a:\n";
  for (int i = 0; i < 15'000; ++i) text += "  k" + std::to_string(i) + ": 1\n";
  const LoadResult result = load_text("a.yaml", text + "  k7: 2\n");
  ASSERT_THAT(result.errors, SizeIs(2));
  EXPECT_EQ(told(result).back(),
            "a.yaml:15002:3: the key \"k7\" is given twice (it is also on line 9)");
}

TEST(Limits, ValuesAreCountedOverAllDocuments) {
  Limits limits;
  limits.total_nodes = 40;
  const std::string one = policy_with("  settings: {ksdEnabled: true}\n");
  EXPECT_THAT(told(load_text("a.yaml", one, limits)), IsEmpty());
  const LoadResult result = load_text("a.yaml", one + "---\n" + one + "---\n" + one, limits);
  EXPECT_THAT(told(result), testing::Contains(HasSubstr("all documents together")));
}

TEST(Limits, AreThoseThatThePageStates) {
  std::ifstream stream(HVSEC_SOURCE_DIR "/schema/README.md");
  std::ostringstream page;
  page << stream.rdbuf();
  const Limits limits;
  const auto row = [](const std::string& what, std::size_t figure, const std::string& unit = "") {
    std::string digits = std::to_string(figure);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return "| " + what + " | " + digits + unit + " |\n";
  };
  for (const std::string& line :
       {row("files", limits.files),
        row("bytes of all files together", limits.total_bytes >> 20, " MiB"),
        row("bytes of a file", limits.file_bytes >> 20, " MiB"),
        row("documents in a file", limits.documents),
        row("bytes of a document", limits.document_bytes >> 10, " KiB"),
        row("lists and maps inside one another", limits.depth),
        row("values in a document, aliases counted as what they stand for", limits.nodes),
        row("the same over all documents", limits.total_nodes),
        row("bytes of one text, key, number or boolean", limits.scalar_bytes >> 10, " KiB"),
        row("mistakes that are told of one file; the rest is counted", limits.errors)})
    EXPECT_THAT(page.str(), HasSubstr(line));
}

TEST(Limits, DeepestAllowedNestingIsRead) {
  const std::string text = "a: " + repeated("[", 63) + repeated("]", 63);
  EXPECT_THAT(told(load_text("a.yaml", text)).front(), HasSubstr("not an hvsec manifest"));
}

TEST(Limits, AliasesWithinTheLimitAreRead) {
  const LoadResult result = load_text("a.yaml", R"(apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: p}
spec:
  select:
    hosts: {names: &names [&one a, b]}
    vms: {names: *names, except: [*one]}
  settings: {ksdEnabled: &yes true, tpmEnabled: *yes}
)");
  ASSERT_THAT(told(result), IsEmpty());
  const VmSecurityManifest& policy = result.manifests.policies.at(0);
  EXPECT_EQ(policy.select.vms.names.at(1).pattern, "b");
  EXPECT_EQ(policy.select.vms.except.at(0).pattern, "a");
  EXPECT_TRUE(policy.settings[SettingId::tpm_enabled]->value);
}

}  // namespace
}  // namespace hvsec::manifest
