#include "src/simulator/xml.hpp"

#include <gtest/gtest.h>

#include "src/simulator/cim_xml.hpp"

namespace hvsec::simulator {
namespace {

TEST(XmlTest, ResolvesNameSpaces) {
  const auto root =
      parse_xml(R"(<a:x xmlns:a="urn:one" xmlns="urn:two"><y a:k="v" k="w">t</y></a:x>)");
  ASSERT_TRUE(root.has_value()) << root.error().detail;
  EXPECT_TRUE(root->is("urn:one", "x"));
  const auto* child = root->child("urn:two", "y");
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->text, "t");
  EXPECT_EQ(*child->attribute("urn:one", "k"), "v");
  EXPECT_EQ(*child->attribute("", "k"), "w");
  EXPECT_EQ(root->child("urn:one", "y"), nullptr);
}

TEST(XmlTest, ReadsCharacterDataHoweverItIsWritten) {
  const auto root = parse_xml("<x>a &lt;<![CDATA[<b>&]]>&#x26;</x>");
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->text, "a <<b>&&");
}

TEST(XmlTest, WhatIsEscapedReadsBackTheSame) {
  const std::string text = "a<b>&\"c\"\r\n\td'\xE4\xBB\xAE";
  std::string document = "<x k=\"";
  append_escaped(document, text);
  document += "\"/>";
  const auto root = parse_xml(document);
  ASSERT_TRUE(root.has_value());
  // In an attribute a bare line feed or tab becomes a blank, which is XML's own rule.
  EXPECT_EQ(*root->attribute("", "k"), "a<b>&\"c\"\r  d'\xE4\xBB\xAE");
}

TEST(XmlTest, ControlCharactersLeaveAsQuestionMarks) {
  std::string out;
  append_escaped(out, std::string_view("a\x01\x1f\0b", 5));
  EXPECT_EQ(out, "a???b");
}

struct HostileCase {
  const char* name;
  std::string document;
  const char* want;

  friend void PrintTo(const HostileCase& c, std::ostream* os) { *os << c.name; }
};

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t count = 0; count < times; ++count) out += what;
  return out;
}

const HostileCase hostile_cases[] = {
    {"Empty", "", "no element found"},
    {"Garbage", "\x01\x02\xFF\xFE", "line 1"},
    {"NotClosed", "<a><b></a>", "mismatched tag"},
    {"TwoRoots", "<a/><b/>", "junk"},
    {"UnboundPrefix", "<p:a/>", "unbound prefix"},
    {"UnknownEntity", "<a>&nbsp;</a>", "undefined entity"},
    {"DuplicateAttribute", "<a k='1' k='2'/>", "duplicate attribute"},
    {"BadUtf8", "<a>\xC3\x28</a>", "not well-formed"},
    {"Doctype", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "DOCTYPE"},
    {"ExternalEntity", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE"},
    {"Deep", repeated("<a>", 100'000), "too deep"},
    {"Wide", "<a>" + repeated("<b/>", 100'000) + "</a>", "too many"},
    {"DeepAndClosed", repeated("<a>", 33) + repeated("</a>", 33), "too deep"},
};

class HostileXmlTest : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileXmlTest, IsRefused) {
  const auto root = parse_xml(GetParam().document);
  ASSERT_FALSE(root.has_value());
  EXPECT_NE(root.error().detail.find(GetParam().want), std::string::npos) << root.error().detail;
}

INSTANTIATE_TEST_SUITE_P(, HostileXmlTest, testing::ValuesIn(hostile_cases),
                         [](const auto& test) { return test.param.name; });

TEST(EmbeddedInstanceTest, ReadsScalarsArraysAndNulls) {
  const auto instance = parse_embedded_instance(
      R"(<INSTANCE CLASSNAME="X"><QUALIFIER NAME="q" TYPE="string"/>)"
      R"(<PROPERTY NAME="A" TYPE="boolean" CLASSORIGIN="Y"><QUALIFIER NAME="r" TYPE="string"/>)"
      R"(<VALUE>TRUE</VALUE></PROPERTY><PROPERTY NAME="B" TYPE="string"></PROPERTY>)"
      R"(<PROPERTY.ARRAY NAME="C" TYPE="uint8"><VALUE.ARRAY><VALUE>1</VALUE><VALUE>2</VALUE>)"
      R"(</VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>)");
  ASSERT_TRUE(instance.has_value()) << instance.error().detail;
  EXPECT_EQ(instance->class_name, "X");
  ASSERT_EQ(instance->properties.size(), 3U);
  EXPECT_EQ(instance->properties[0].values, std::vector<std::string>{"TRUE"});
  EXPECT_TRUE(instance->properties[1].is_null);
  EXPECT_EQ(instance->properties[2].values, (std::vector<std::string>{"1", "2"}));
}

const HostileCase refused_instances[] = {
    {"Mof", "instance of Msvm_SecuritySettingData { TpmEnabled = TRUE; };", "cannot be read"},
    {"WsCim", "<p:Msvm_SecuritySettingData xmlns:p='urn:x'/>", "expected an INSTANCE"},
    {"NoClass", "<INSTANCE/>", "expected an INSTANCE"},
    {"InNameSpace", "<INSTANCE xmlns='urn:x' CLASSNAME='X'/>", "expected an INSTANCE"},
    {"NoName", "<INSTANCE CLASSNAME='X'><PROPERTY TYPE='string'/></INSTANCE>", "without a NAME"},
    {"TwoValues",
     "<INSTANCE CLASSNAME='X'><PROPERTY NAME='A' TYPE='string'><VALUE>1</VALUE><VALUE>2</VALUE>"
     "</PROPERTY></INSTANCE>",
     "more than one VALUE"},
    {"StrangeElement", "<INSTANCE CLASSNAME='X'><OTHER/></INSTANCE>", "unexpected element"},
};

class RefusedInstanceTest : public testing::TestWithParam<HostileCase> {};

TEST_P(RefusedInstanceTest, SaysWhy) {
  const auto instance = parse_embedded_instance(GetParam().document);
  ASSERT_FALSE(instance.has_value());
  EXPECT_NE(instance.error().detail.find(GetParam().want), std::string::npos)
      << instance.error().detail;
}

INSTANTIATE_TEST_SUITE_P(, RefusedInstanceTest, testing::ValuesIn(refused_instances),
                         [](const auto& test) { return test.param.name; });

TEST(EmbeddedInstanceTest, ErrorsReadBack) {
  const auto error = parse_embedded_instance(embedded_error("a <b> & c", 32'768));
  ASSERT_TRUE(error.has_value()) << error.error().detail;
  EXPECT_EQ(error->class_name, "Msvm_Error");
  bool found = false;
  for (const auto& property : error->properties) {
    if (property.name != "Message") continue;
    EXPECT_EQ(property.values, std::vector<std::string>{"a <b> & c"});
    found = true;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace hvsec::simulator
