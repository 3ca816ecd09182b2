#include "src/simulator/sealed_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::simulator {
namespace {

using testing::HasSubstr;

constexpr std::string_view spnego = "application/HTTP-SPNEGO-session-encrypted";

SealedMessage sample() {
  return {.protocol = std::string(spnego),
          .content_type = "application/soap+xml;charset=UTF-8",
          .length = 12,
          .signature = std::string("\x01\x00\x00\x00sixteen bytes", 16),
          .data = "--Encrypted Boundary--\r\n and so on"};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

void expect_sample(const Result<SealedMessage>& read) {
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(read->protocol, spnego);
  EXPECT_EQ(read->content_type, "application/soap+xml;charset=UTF-8");
  EXPECT_EQ(read->length, 12U);
  EXPECT_EQ(read->signature, sample().signature);
  EXPECT_EQ(read->data, sample().data);
}

TEST(SealedMessageTest, IsWrittenAsTheSpecificationShowsIt) {
  SealedMessage message = sample();
  message.data = "sealed";
  EXPECT_EQ(write_sealed(message),
            "--Encrypted Boundary\r\n"
            "\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
            "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=12\r\n"
            "--Encrypted Boundary\r\n"
            "\tContent-Type: application/octet-stream\r\n" +
                std::string("\x10\x00\x00\x00", 4) + message.signature +
                "sealed--Encrypted Boundary--\r\n");
}

// The data of the sample holds what ends a message.
TEST(SealedMessageTest, IsReadAsItWasWritten) {
  expect_sample(read_sealed(sealed_content_type(spnego), write_sealed(sample())));
}

TEST(SealedMessageTest, KnowsItsContentType) {
  EXPECT_EQ(sealing_protocol(sealed_content_type(spnego)), spnego);
  EXPECT_EQ(sealing_protocol("Multipart/Encrypted; protocol=x ; boundary=\"y\""), "x");
  EXPECT_EQ(sealing_protocol("multipart/encrypted"), "");
  EXPECT_EQ(sealing_protocol("multipart/mixed;protocol=\"x\""), std::nullopt);
  EXPECT_EQ(sealing_protocol("application/soap+xml"), std::nullopt);
  EXPECT_EQ(sealing_protocol(""), std::nullopt);
}

struct FormCase {
  const char* name;
  const char* from;
  const char* to;

  friend void PrintTo(const FormCase& c, std::ostream* os) { *os << c.name; }
};

class ToleratedFormTest : public testing::TestWithParam<FormCase> {};

TEST_P(ToleratedFormTest, IsRead) {
  const auto [name, from, to] = GetParam();
  expect_sample(
      read_sealed(sealed_content_type(spnego), replaced(write_sealed(sample()), from, to)));
}

const FormCase tolerated[] = {
    {"NoTab", "\tContent-Type", "Content-Type"},
    {"NoTabBeforeTheOriginal", "\tOriginalContent", "OriginalContent"},
    {"BlankBehindTheDashes", "--Encrypted Boundary\r\n\tC", "-- Encrypted Boundary\r\n\tC"},
    {"OtherCase", "OriginalContent", "originalcontent"},
    {"BlanksInTheOriginal", ";Length=12", "; length = 12 "},
    {"NoLineBreakAtTheEnd", "and so on--Encrypted Boundary--\r\n",
     "and so on--Encrypted Boundary--"},
    {"BlankAtTheEnd", "and so on--Encrypted", "and so on-- Encrypted"},
};

INSTANTIATE_TEST_SUITE_P(, ToleratedFormTest, testing::ValuesIn(tolerated),
                         [](const auto& test) { return std::string(test.param.name); });

class MalformedTest : public testing::TestWithParam<FormCase> {};

TEST_P(MalformedTest, IsRefused) {
  const auto [name, from, to] = GetParam();
  const auto read =
      read_sealed(sealed_content_type(spnego), replaced(write_sealed(sample()), from, to));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  EXPECT_THAT(read.error().detail, HasSubstr("malformed: "));
}

const FormCase malformed[] = {
    {"NoFirstDelimiter", "--Encrypted Boundary\r\n", ""},
    {"OtherBoundary", "--Encrypted Boundary\r\n", "--Boundary\r\n"},
    {"OtherProtocol", "HTTP-SPNEGO", "HTTP-CredSSP"},
    {"NoOriginal", "\tOriginalContent", "\tContent"},
    {"NoLength", ";Length=12", ""},
    {"EmptyLength", ";Length=12", ";Length="},
    {"NegativeLength", ";Length=12", ";Length=-12"},
    {"HugeLength", ";Length=12", ";Length=123456789012345678901234567890"},
    {"NoSecondDelimiter", "\r\n--Encrypted Boundary", "\r\n"},
    {"NotOctets", "application/octet-stream", "text/plain"},
    {"NotTheEnd", "on--Encrypted Boundary--\r\n", "on"},
    {"EndOfAnother", "on--Encrypted Boundary--", "on--Boundary--"},
    {"SignatureOfNothing", "\x10", ""},
    {"SignatureTooLong", "\x10", "\xFF"},
};

INSTANTIATE_TEST_SUITE_P(, MalformedTest, testing::ValuesIn(malformed),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SealedMessageTest, NeedsProtocolAndBoundary) {
  const std::string body = write_sealed(sample());
  EXPECT_FALSE(read_sealed("multipart/encrypted;boundary=\"Encrypted Boundary\"", body));
  EXPECT_FALSE(read_sealed("multipart/encrypted;protocol=\"" + std::string(spnego) + '"', body));
}

// What is cut off anywhere, or has any byte spoiled, comes to an end, and what is read from it is
// never more than there was.
TEST(SealedMessageTest, NoMutilatedOneBringsItDown) {
  SealedMessage message = sample();
  message.data = "sealed";
  const std::string body = write_sealed(message);
  for (std::size_t place = 0; place + 2 < body.size(); ++place) {
    EXPECT_FALSE(read_sealed(sealed_content_type(spnego), body.substr(0, place))) << place;
    for (const char spoil : {'\0', '\r', '-', '\xFF'}) {
      std::string spoiled = body;
      spoiled[place] = spoil;
      const auto read = read_sealed(sealed_content_type(spnego), spoiled);
      if (read) {
        EXPECT_LE(read->signature.size() + read->data.size(), body.size());
      }
    }
  }
}

}  // namespace
}  // namespace hvsec::simulator
