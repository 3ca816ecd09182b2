#include "src/wsman/auth/encrypted_message.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hvsec::wsman::test {
namespace {

const std::string soap = "application/soap+xml;charset=UTF-8";
const std::string type = encrypted_content_type(spnego_protocol);

std::string body(std::string_view signature, std::string_view data, std::size_t length) {
  const EncryptedMessage message{soap, length, std::string(signature), std::string(data)};
  return write_encrypted(message, spnego_protocol);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(EncryptedMessage, LooksAsTheSpecificationHasIt) {
  EXPECT_EQ(type,
            "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";"
            "boundary=\"Encrypted Boundary\"");
  const std::string expected =
      "--Encrypted Boundary\r\n"
      "\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
      "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=5\r\n"
      "--Encrypted Boundary\r\n"
      "\tContent-Type: application/octet-stream\r\n" +
      std::string("\x03\0\0\0", 4) + "sigDATA!--Encrypted Boundary--\r\n";
  EXPECT_EQ(body("sig", "DATA!", 5), expected);
}

TEST(EncryptedMessage, ComesBackAsItWas) {
  // Data that looks like the frame around it, and like its end.
  const std::vector<std::string> all = {
      "x",
      std::string(70'000, '\0'),
      "--Encrypted Boundary--\r\n",
      "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n",
      "\r\n",
      "-- ",
      "--"};
  for (const std::string& data : all) {
    const auto read = read_encrypted(type, body("0123456789abcdef", data, data.size()));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->signature, "0123456789abcdef");
    EXPECT_EQ(read->data, data);
    EXPECT_EQ(read->length, data.size());
    EXPECT_EQ(read->original_type, soap);
  }
}

TEST(EncryptedMessage, TakesWhatOtherServicesWrite) {
  const std::string good = body("sig", "data", 4);
  const std::vector<std::string> variants = {
      // Exchange, and the specification's own example.
      replaced(good, "--Encrypted Boundary\r\n\tContent-Type: application/octet",
               "-- Encrypted Boundary\r\n\tContent-Type: application/octet"),
      replaced(good, "data--Encrypted Boundary--", "data-- Encrypted Boundary--"),
      // OMI writes no tabs.
      replaced(replaced(good, "\tContent-Type", "Content-Type"), "\tOriginal", "Original"),
      replaced(good, "--\r\n", "--"),
  };
  for (const std::string& text : variants) {
    const auto read = read_encrypted(type, text);
    ASSERT_TRUE(read) << read.error().detail << "\n" << text;
    EXPECT_EQ(read->data, "data");
  }
  EXPECT_TRUE(read_encrypted("Multipart/Encrypted; protocol=\"" + std::string(spnego_protocol) +
                                 "\"; boundary=\"Encrypted Boundary\"",
                             good));
}

struct Broken {
  const char* name;
  std::string content_type;
  std::string body;
  const char* says;
};

TEST(EncryptedMessage, RefusesWhatIsMalformedAndSaysWhy) {
  const std::string good = body("sig", "data", 4);
  const std::vector<Broken> all = {
      {"NoParameters", "multipart/encrypted", good, "no protocol"},
      {"OtherProtocol", replaced(type, "SPNEGO", "CredSSP"), good, "not agreed"},
      {"EmptyBoundary", replaced(type, "Encrypted Boundary", ""), good, "boundary is unusable"},
      {"OtherBoundary", replaced(type, "Encrypted Boundary", "x"), good, "first boundary"},
      {"Empty", type, "", "first boundary"},
      {"OtherPartProtocol", type, replaced(good, "HTTP-SPNEGO", "HTTP-Kerberos"), "first part"},
      {"NoOriginal", type, replaced(good, "OriginalContent", "Original"), "OriginalContent"},
      {"NoLength", type, replaced(good, ";Length=4", ""), "no Length"},
      {"StrangeLength", type, replaced(good, "Length=4", "Length=4x"), "no number"},
      {"HugeLength", type, replaced(good, "Length=4", "Length=99999999999999999999999"),
       "no number"},
      {"StrangeType", type, replaced(good, "charset", "chars\x01t"), "original type"},
      {"LongType", type, replaced(good, "charset", std::string(300, 'x')), "original type"},
      {"NoSecondPart", type, good.substr(0, good.find("\r\n--Enc") + 2), "second boundary"},
      {"NotOctets", type, replaced(good, "octet-stream", "octet-cream"), "octet-stream"},
      {"NoEnd", type, replaced(good, "data--Encrypted Boundary--", "data"), "last boundary"},
      {"LongSignature", type, replaced(good, std::string("\x03\0\0\0", 4), "\xff\xff\xff\xff"),
       "signature"},
      {"NoData", type, replaced(good, std::string("\x03\0\0\0sigdata", 11), "abc"), "ends before"},
  };
  for (const Broken& each : all) {
    SCOPED_TRACE(each.name);
    const auto read = read_encrypted(each.content_type, each.body);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::invalid);
    EXPECT_NE(read.error().detail.find(each.says), std::string::npos) << read.error().detail;
  }
}

TEST(EncryptedMessage, NoCutOfItCrashesTheReader) {
  const std::string good = body("0123456789abcdef", "some data", 9);
  for (std::size_t size = 0; size < good.size() - 2; ++size)
    EXPECT_FALSE(read_encrypted(type, std::string_view(good).substr(0, size)))
        << good.substr(0, size);
}

TEST(EncryptedMessage, IsKnownByItsContentType) {
  EXPECT_TRUE(is_encrypted(type));
  EXPECT_TRUE(is_encrypted("MULTIPART/ENCRYPTED"));
  EXPECT_FALSE(is_encrypted(soap));
  EXPECT_FALSE(is_encrypted(""));
}

}  // namespace
}  // namespace hvsec::wsman::test
