#include "src/report/json.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "src/report/json_writer.hpp"
#include "tests/report/golden.hpp"
#include "tests/report/sample_report.hpp"

namespace hvsec::test {
namespace {

using nlohmann::json;
using report::JsonOptions;
using report::JsonWriter;

const JsonOptions options{.version = "1.2.3", .exit_code = {}};

std::string render_json(const Report& report, const JsonOptions& how) {
  std::string document;
  report::write_json(report, how, [&](std::string_view piece) { document += piece; });
  return document;
}

TEST(JsonTest, CheckDocument) {
  const SampleReport sample("check");
  expect_golden("check.json", render_json(sample.report, options));
}

TEST(JsonTest, ApplyDocument) {
  const SampleReport sample("apply");
  expect_golden("apply.json", render_json(sample.report, options));
}

class SchemaTest : public testing::TestWithParam<const char*> {};

// An independent validator holds the documents against the schema that the program prints.
TEST_P(SchemaTest, HoldsForARealDocument) {
  SampleReport sample(GetParam());
  if (sample.report.command == "plan") sample.report.signal = 15;
  const std::string path = testing::TempDir() + "hvsec_report_" + GetParam() + ".json";
  std::ofstream(path) << render_json(sample.report, options);
  const std::string command = std::string(HVSEC_PYTHON) + " " + HVSEC_SOURCE_DIR +
                              "/tests/report/validate.py " + HVSEC_SOURCE_DIR +
                              "/schema/report.v1.schema.json " + path;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::filesystem::remove(path);
}

INSTANTIATE_TEST_SUITE_P(Commands, SchemaTest, testing::Values("check", "plan", "apply"),
                         [](const auto& test) { return std::string(test.param); });

TEST(JsonTest, EveryVerdictReasonAndCauseIsInTheSample) {
  const SampleReport sample("apply");
  const std::string text = render_json(sample.report, options);
  for (int i = 0; i <= static_cast<int>(Verdict::unknown); ++i)
    EXPECT_NE(text.find("\"verdict\": \"" + std::string(name(static_cast<Verdict>(i))) + "\""),
              std::string::npos)
        << i;
  for (int i = 0; i <= static_cast<int>(Reason::stale_plan); ++i)
    EXPECT_NE(text.find("\"reason\": \"" + std::string(name(static_cast<Reason>(i))) + "\""),
              std::string::npos)
        << i;
  for (int i = 0; i <= static_cast<int>(Cause::intentional); ++i)
    EXPECT_NE(text.find("\"cause\": \"" + std::string(name(static_cast<Cause>(i))) + "\""),
              std::string::npos)
        << i;
}

TEST(JsonTest, TheExitCodeIsTheProgramsOwn) {
  const SampleReport sample("check");
  const JsonOptions other{.version = "1", .exit_code = {.drift = 8}};
  EXPECT_EQ(json::parse(render_json(sample.report, options))["exitCode"], 6);
  EXPECT_EQ(json::parse(render_json(sample.report, other))["exitCode"], 12);
  EXPECT_EQ(exit_code(sample.report, other.exit_code), 12);
}

TEST(JsonTest, NamesOfHostsComeThroughUnchanged) {
  const SampleReport sample("check");
  const json document = json::parse(render_json(sample.report, options));
  EXPECT_EQ(document["hosts"][1]["vms"][0]["name"], "b\x1b[2Jad\nname");
}

TEST(JsonTest, ALargeDocumentComesInPieces) {
  SampleReport sample("check");
  for (int i = 0; i < 9; ++i) sample.report.hosts.push_back(sample.report.hosts.front());
  auto& vms = sample.report.hosts.front().vms;
  for (int i = 0; i < 300; ++i) vms.push_back(vms.front());
  std::vector<std::string> pieces;
  report::write_json(sample.report, options,
                     [&](std::string_view piece) { pieces.emplace_back(piece); });
  EXPECT_GT(pieces.size(), 2U);
  std::string whole;
  for (const std::string& piece : pieces) {
    EXPECT_LT(piece.size(), 80'000U);
    whole += piece;
  }
  EXPECT_EQ(json::parse(whole)["hosts"][0]["vms"].size(), vms.size());
}

TEST(JsonWriterTest, PiecesMakeTheWhole) {
  const auto fill = [](JsonWriter& writer) {
    writer.begin_object().key("numbers").begin_array();
    for (int i = 0; i < 50'000; ++i) writer.value(i);
    writer.end_array().end_object();
  };
  JsonWriter whole;
  fill(whole);
  std::vector<std::string> pieces;
  JsonWriter in_pieces([&](std::string_view piece) { pieces.emplace_back(piece); });
  fill(in_pieces);
  in_pieces.finish();
  EXPECT_GT(pieces.size(), 3U);
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  EXPECT_EQ(joined, whole.take());
}

TEST(JsonWriterTest, BrokenUtf8BecomesTheReplacementCharacter) {
  JsonWriter writer;
  writer.begin_array().value("a\xFF\xC3(b\xE2\x82").end_array();
  EXPECT_EQ(json::parse(writer.take())[0], "a\xEF\xBF\xBD\xEF\xBF\xBD(b\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonWriterTest, EmptyContainersStayOnOneLine) {
  JsonWriter writer;
  writer.begin_object().key("a").begin_array().end_array().key("o").begin_object().end_object();
  writer.end_object();
  EXPECT_EQ(writer.take(), "{\n  \"a\": [],\n  \"o\": {}\n}\n");
}

TEST(JsonWriterTest, EveryByteCanBeReadBack) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  JsonWriter writer;
  writer.value(all);
  EXPECT_EQ(json::parse(writer.take()), all);
}

}  // namespace
}  // namespace hvsec::test
