// The pure parts: encoding, scalars, endpoints, suggestions, diagnostics, digest.
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/diagnostic.hpp"
#include "src/manifest/digest.hpp"
#include "src/manifest/encoding.hpp"
#include "src/manifest/endpoint.hpp"
#include "src/manifest/moment.hpp"
#include "src/manifest/node.hpp"
#include "src/manifest/suggest.hpp"
#include "src/manifest/yaml.hpp"

namespace hvsec::manifest {
namespace {

using namespace std::string_literals;

struct EncodingCase {
  std::string text;
  Position at;  ///< Line 0: accepted.
  const char* message = "";
};

TEST(Encoding, AcceptsUtf8AndSaysWhereItIsNot) {
  const EncodingCase cases[] = {
      {"", {}},
      {"a: b\r\nc:\td\n", {}},
      {"größe: 日本 😀\n", {}},
      {"a\xC2\xA0z", {}},
      {"\xEF\xBB\xBF"s + "a: b", {1, 1}, "the file begins with a byte order mark"},
      {"\xFF\xFE"s + "a\0"s, {1, 1}, "the file is UTF-16 or UTF-32"},
      {"\xFE\xFF\0a"s, {1, 1}, "the file is UTF-16 or UTF-32"},
      {"a\0b\0"s, {1, 1}, "the file is UTF-16 or UTF-32"},
      {"a: b\nc: \0"s, {2, 4}, "the character U+0000 may not be in a YAML file"},
      {"a: \x1B[31m", {1, 4}, "the character U+001B may not be in a YAML file"},
      {"a: \x7F", {1, 4}, "the character U+007F may not be in a YAML file"},
      {"a\xEF\xBB\xBF", {1, 2}, "the character U+FEFF may not be in a YAML file"},
      {"a\xEF\xBF\xBF", {1, 2}, "the character U+FFFF may not be in a YAML file"},
      {"a\xC2\x80", {1, 2}, "the character U+0080 may not be in a YAML file"},
      {"# a\rb: c", {1, 4}, "U+000D ends a line for some programs and not for others"},
      {"# a\xC2\x85", {1, 4}, "U+0085 ends a line for some programs and not for others"},
      {"# a\xE2\x80\xA8z", {1, 4}, "U+2028 ends a line for some programs and not for others"},
      {"# a\xE2\x80\xA9z", {1, 4}, "U+2029 ends a line for some programs and not for others"},
      {"ü: \xE4", {1, 4}, "this is not UTF-8"},                // Latin-1
      {"a\xC0\x80", {1, 2}, "this is not UTF-8"},              // overlong
      {"a\xE0\x80\x80", {1, 2}, "this is not UTF-8"},          // overlong
      {"a\xED\xA0\x80", {1, 2}, "this is not UTF-8"},          // surrogate
      {"a\xF4\x90\x80\x80", {1, 2}, "this is not UTF-8"},      // beyond U+10FFFF
      {"a\xF8\x88\x80\x80\x80", {1, 2}, "this is not UTF-8"},  // five bytes
      {"a\xE2\x82", {1, 2}, "this is not UTF-8"},              // cut off
  };
  for (const EncodingCase& c : cases) {
    const auto error = check_encoding(c.text);
    EXPECT_EQ(error.has_value(), c.at.line != 0) << c.text;
    if (!error) continue;
    EXPECT_EQ(error->at, c.at) << c.text;
    EXPECT_EQ(error->message, c.message) << c.text;
    EXPECT_FALSE(error->hint.empty());
  }
}

TEST(Scalars, AreReadByTheCoreSchemaOfYaml12) {
  struct {
    Scalar want;
    std::vector<std::string_view> words;
  } const cases[] = {
      {Scalar::null, {"", "~", "null", "Null", "NULL"}},
      {Scalar::boolean, {"true", "True", "TRUE", "false", "False", "FALSE"}},
      {Scalar::number,
       {"0", "-1", "+12", "007", "0o17", "0xfF", "1.", ".5", "1.5", "1e3", "-.5E-2", ".inf",
        "-.Inf", "+.INF", ".nan", "12e+03"}},
      {Scalar::text,
       {"yes",        "No",   "on",        "y",   "tRUE", "nULL",   "-",     "+",  ".",
        "1a",         "e3",   "0x",        "0o8", "0xg",  "1_000",  "1.2.3", "1e", "12:30",
        "2025-01-31", "-0x1", ".infinity", "..",  "~~",   "truely", "none"}},
  };
  for (const auto& c : cases)
    for (const std::string_view word : c.words) EXPECT_EQ(resolve(word), c.want) << word;
}

TEST(Endpoints, AreParsedStrictly) {
  struct {
    const char* url;
    bool tls;
    bool loopback;
    bool address = false;
  } const good[] = {
      {"https://h", true, false},
      {"http://h:5985/wsman", false, false},
      {"http://localhost:1", false, true},
      {"http://LOCALHOST", false, true},
      {"http://127.0.0.1/a/b", false, true, true},
      {"http://127.255.0.3", false, true, true},
      {"http://128.0.0.1", false, false, true},
      {"http://127.0.0.1.example.com", false, false},
      {"https://[::1]:65535/", true, true, true},
      {"https://[fe80::1]", true, false, true},
      {"https://[::ffff:192.0.2.1]", true, false, true},
      {"https://a_b-c.example.com/%20~!$&'()*+,;=:@", true, false},
  };
  for (const auto& c : good) {
    const auto endpoint = parse_endpoint(c.url);
    ASSERT_TRUE(endpoint) << c.url << ": " << endpoint.error().detail;
    EXPECT_EQ(endpoint->tls, c.tls) << c.url;
    EXPECT_EQ(endpoint->loopback, c.loopback) << c.url;
    EXPECT_EQ(endpoint->address, c.address) << c.url;
  }
  for (const char* url : {"",
                          "h",
                          "//h",
                          "HTTPS://h",
                          "ftp://h",
                          "https:/h",
                          "https://",
                          "https:///a",
                          "https://:1",
                          "https://h:",
                          "https://h:0",
                          "https://h:65536",
                          "https://h:4294967297",
                          "https://h:1a",
                          "https://h:+1",
                          "https://h:01",
                          "https://h:1:2",
                          "https://-h",
                          "https://h.",
                          "https://h h",
                          "https://h/a b",
                          "https://h/%",
                          "https://h/%4",
                          "https://h/%zz",
                          "https://h?a",
                          "https://h#a",
                          "https://h/\xC3\xBC",
                          "https://u@h",
                          "https://u:p@h",
                          "https://[::1",
                          "https://[]",
                          "https://[::1]x",
                          "https://[1::2::3]",
                          "https://[fe80::1%eth0]",
                          "https://::1",
                          "local:"})
    EXPECT_FALSE(parse_endpoint(url)) << url;
}

TEST(Suggestions, FindTheNearestName) {
  constexpr std::array<std::string_view, 4> names = {"tpmEnabled", "ksdEnabled", "mode",
                                                     "priority"};
  struct {
    const char* wrong;
    const char* want;
  } const cases[] = {
      {"tpmEnable", "tpmEnabled"},
      {"TPMENABLED", "tpmEnabled"},
      {"tpm_enabled", "tpmEnabled"},
      {"tmpEnabled", "tpmEnabled"},
      {"kdsEnabled", "ksdEnabled"},
      {"moed", "mode"},
      {"modes", "mode"},
      {"m", ""},
      {"priorty", "priority"},
      {"secureBoot", ""},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(nearest(c.wrong, names), c.want) << c.wrong;
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), names), "");
  EXPECT_EQ(suggestion("modee", names), "did you mean \"mode\"?");
  EXPECT_EQ(suggestion("x", names), "expected one of: tpmEnabled, ksdEnabled, mode, priority");
}

TEST(Diagnostics, ReadAsOneLine) {
  const auto file = std::make_shared<const std::string>("a.yaml");
  EXPECT_EQ(text(Diagnostic{{file, 3, 4}, "wrong", "mend it"}), "a.yaml:3:4: wrong (mend it)");
  EXPECT_EQ(text(Diagnostic{{file, 3, 4}, "wrong", ""}), "a.yaml:3:4: wrong");
  EXPECT_EQ(text(Diagnostic{{file, 0, 0}, "wrong", ""}), "a.yaml: wrong");
  EXPECT_EQ(text(Diagnostic{{}, "wrong", ""}), "wrong");
}

TEST(Diagnostics, QuoteHostileTextSafely) {
  EXPECT_EQ(in_quotes("a\n\x1B[31m\x7F"), "\"a\\x0a\\x1b[31m\\x7f\"");
  EXPECT_EQ(in_quotes(std::string(100, 'a')), "\"" + std::string(60, 'a') + "...\"");
  const std::string wide = std::string(59, 'a') + "日本";
  EXPECT_EQ(in_quotes(wide), "\"" + std::string(59, 'a') + "...\"");
}

TEST(Diagnostics, AreToldByPlaceAndCapped) {
  Errors errors("a.yaml", 3);
  errors.add({2, 1}, "second");
  errors.add({1, 9}, "first");
  EXPECT_FALSE(errors.full());
  errors.add({9, 1}, "third");
  EXPECT_TRUE(errors.full());
  errors.add({1, 1}, "one too many");
  errors.add({1, 1}, "two too many");
  std::vector<std::string> lines;
  for (const Diagnostic& error : errors.take()) lines.push_back(text(error));
  EXPECT_THAT(lines, testing::ElementsAre("a.yaml:1:9: first", "a.yaml:2:1: second",
                                          "a.yaml:9:1: third", "a.yaml: and 2 more errors"));
  EXPECT_TRUE(errors.take().empty());
}

TEST(Digests, AreSha256OverLengthAndText) {
  const auto digest = [](std::initializer_list<std::string_view> texts) {
    Digest sum;
    for (const std::string_view text : texts) sum.add(text);
    return sum.finish();
  };
  // Of nothing at all: the well-known SHA-256 of no bytes.
  EXPECT_EQ(digest({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_NE(digest({"ab", "c"}), digest({"a", "bc"}));
  EXPECT_NE(digest({""}), digest({}));
  EXPECT_EQ(digest({"a", "b"}), digest({"a", "b"}));
}

TEST(Ends, AreTheSameMomentInEveryZone) {
  const auto end = [](std::string_view text) {
    const auto parsed = parse_end(text);
    return parsed ? utc_text(*parsed) : parsed.error().detail;
  };
  EXPECT_EQ(end("2027-01-31T18:00:00Z"), "2027-01-31 18:00 UTC");
  EXPECT_EQ(end("2027-01-31T18:00:05+01:30"), "2027-01-31 16:30:05 UTC");
  EXPECT_EQ(end("2026-12-31T23:00:00-02:00"), "2027-01-01 01:00 UTC");
  EXPECT_EQ(end("2028-02-29"), "2028-03-01 00:00 UTC");
  EXPECT_EQ(end("2199-12-31"), "2200-01-01 00:00 UTC");
  EXPECT_EQ(end("2000-01-01T00:00:00Z"), "2000-01-01 00:00 UTC");
  EXPECT_EQ(end("2027-02-29"), "is a day that no calendar has");
  EXPECT_EQ(end("1999-12-31"), "is not between the years 2000 and 2199");
  EXPECT_EQ(end("2027-01-31T18:00:00"), "has no time zone");
  EXPECT_EQ(end("2027-01-31T18:60:00Z"), "is a time that no day has");
  EXPECT_EQ(end(""), "is neither a date nor a time with its zone");
}

TEST(Ends, KeepTheFractionOfASecond) {
  const auto whole = parse_end("2027-01-31T18:00:00Z");
  const auto half = parse_end("2027-01-31T18:00:00.5Z");
  ASSERT_TRUE(whole);
  ASSERT_TRUE(half);
  EXPECT_EQ(*half - *whole, std::chrono::milliseconds(500));
}

TEST(Documents, AreCutWhereTheyBegin) {
  const std::string_view file = "a: 1\n---\nb: ---\n--- c\n----\n---\r\nd";
  const auto chunks = split_documents(file);
  ASSERT_EQ(chunks.size(), 4U);
  EXPECT_EQ(chunks[0].text, "a: 1\n");
  EXPECT_EQ(chunks[1].text, "---\nb: ---\n");
  EXPECT_EQ(chunks[1].first_line, 2U);
  EXPECT_EQ(chunks[2].text, "--- c\n----\n");
  EXPECT_EQ(chunks[3].text, "---\r\nd");
  EXPECT_EQ(chunks[3].first_line, 6U);
}

}  // namespace
}  // namespace hvsec::manifest
