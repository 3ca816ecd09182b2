#include "src/wsman/xml.hpp"

#include <gtest/gtest.h>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman::xml {
namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct HostileCase {
  const char* name;
  std::string text;
  const char* says;
};

std::vector<HostileCase> hostile_cases() {
  const std::string bomb = "<!DOCTYPE a [<!ENTITY b \"&a;&a;&a;\">]><a>&b;</a>";
  return {
      {"Empty", "", "not usable XML"},
      {"NotXml", "the service is unavailable", "not usable XML"},
      {"DepthOfAHundredThousand", repeat("<a>", 100'000), "nested too deeply"},
      {"BalancedDepth", repeat("<a>", 49) + repeat("</a>", 49), "nested too deeply"},
      {"EntityBomb", bomb, "document types"},
      {"DoctypeAlone", "<!DOCTYPE a><a/>", "document types"},
      {"UnknownEntity", "<a>&boom;</a>", "refers to an entity"},
      {"UnknownEntityInAttribute", "<a b='&boom;'/>", "refers to an entity"},
      {"BareAmpersand", "<a>AT&T</a>", "refers to an entity"},
      {"ReferenceToNul", "<a>&#0;</a>", "refers to an entity"},
      {"ReferenceToSurrogate", "<a>&#xD800;</a>", "refers to an entity"},
      {"ReferenceBeyondUnicode", "<a>&#x110000;</a>", "refers to an entity"},
      {"ReferenceOverflow", "<a>&#99999999999;</a>", "refers to an entity"},
      {"Nul", std::string("<a>\0</a>", 8), "control characters"},
      {"ControlCharacter", "<a>\x01</a>", "control characters"},
      {"InvalidUtf8", "<a>\xC3\x28</a>", "not UTF-8"},
      {"OverlongUtf8", "<a>\xC0\xAF</a>", "not UTF-8"},
      {"SurrogateInUtf8", "<a>\xED\xA0\x80</a>", "not UTF-8"},
      {"CutUtf8", "<a>\xE4\xBB", "not UTF-8"},
      {"Utf16BigEndian", std::string("\xFE\xFF\0<\0a\0/\0>", 10), "UTF-16"},
      {"Utf16LittleEndian", std::string("\xFF\xFE<\0a\0/\0>\0", 10), "UTF-16"},
      {"Utf16WithoutMark", std::string("<\0a\0/\0>\0", 8), "UTF-16"},
      {"OtherEncoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "encoding"},
      {"TooManyAttributes", "<a " + repeat("b='' ", 65) + "/>", "too many attributes"},
      {"TooManyElements", "<a>" + repeat("<b/>", 1000) + "</a>", "too many elements"},
      {"TooLong", "<a>" + std::string(200'000, 'x') + "</a>", "too long"},
      {"GiantAttributeCut", "<a b='" + std::string(90'000, 'x'), "cut short"},
      {"CommentCut", "<a><!-- ", "cut short"},
      {"CdataCut", "<a><![CDATA[ ]] >", "cut short"},
      {"InstructionCut", "<?xml ", "cut short"},
      {"TagCut", "<a", "cut short"},
      {"ElementNotClosed", "<a><b></b>", "not closed"},
      {"ClosedTwice", "<a></a></a>", "never opened"},
      {"WrongNameClosed", "<a></b>", "not usable XML"},
      {"TwoRoots", "<a/><b/>", "several roots"},
      {"OnlyAComment", "<!-- a -->", "not usable XML"},
      {"TextBeforeTheRoot", "x<a/>", "outside its root"},
      {"TextAfterTheRoot", "<a/>x", "outside its root"},
      {"CdataAfterTheRoot", "<a/><![CDATA[x]]>", "outside its root"},
      {"NameThatStartsWithADigit", "<1a/>", "a tag is broken"},
      {"TagInATag", "<a <b/></a>", "a tag is broken"},
      {"AttributeWithoutValue", "<a b/>", "a tag is broken"},
      {"AttributeWithoutQuotes", "<a b=c/>", "a tag is broken"},
      {"AttributesWithoutBlank", "<a b='' c=''d=''/>", "a tag is broken"},
      {"SlashInTheMidst", "<a / b=''/>", "a tag is broken"},
      {"LongerNameClosed", "<a></ab>", "do not match"},
      {"EndTagWithAttribute", "<a></a b=''>", "do not match"},
      {"EndTagCut", "<a></a", "cut short"},
  };
}

TEST(XmlTest, RefusesWhatIsHostileOrBroken) {
  const Limits limits{.bytes = 100'000 * 3, .depth = 48, .elements = 999, .attributes = 64};
  for (const HostileCase& c : hostile_cases()) {
    SCOPED_TRACE(c.name);
    Limits own = limits;
    if (std::string_view(c.name) == "TooLong") own.bytes = 100'000;
    if (std::string_view(c.name) == "DepthOfAHundredThousand") own.elements = 1'000'000;
    const auto parsed = Document::parse(c.text, own);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
    EXPECT_NE(parsed.error().detail.find(c.says), std::string::npos) << parsed.error().detail;
  }
}

TEST(XmlTest, AcceptsWhatIsUnusualButRight) {
  for (const std::string& text : {
           std::string("<a/>"),
           std::string("\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?>\n<a/>\n"),
           std::string("<?xml version='1.0'?><!-- <b> --><a><![CDATA[<b>&]]></a>"),
           std::string("<a b='>' c=\"'\">&#x10FFFF;&#9;&amp;&quot;</a >"),
           "<a b='" + std::string(1'000'000, 'x') + "'/>",
           repeat("<a>", 48) + repeat("</a>", 48),
       })
    EXPECT_TRUE(Document::parse(text, Limits())) << text.substr(0, 80);
}

TEST(XmlTest, FindsElementsByNamespaceWhateverThePrefix) {
  const auto parsed = Document::parse(
      "<x:a xmlns:x='urn:one' xmlns='urn:two'><b/><x:b/><y:b xmlns:y='urn:three'/></x:a>",
      Limits());
  ASSERT_TRUE(parsed);
  const auto root = parsed->root();
  EXPECT_TRUE(is(root, "urn:one", "a"));
  EXPECT_FALSE(is(root, "urn:two", "a"));
  EXPECT_EQ(child(root, "urn:one", "b").name(), "x:b");
  EXPECT_EQ(child(root, "urn:two", "b").name(), "b");
  EXPECT_EQ(child(root, "urn:three", "b").name(), "y:b");
  EXPECT_FALSE(child(root, "urn:four", "b"));
}

TEST(XmlTest, AnInnerDeclarationHidesTheOuterOne) {
  const auto parsed =
      Document::parse("<p:a xmlns:p='urn:one'><p:b xmlns:p='urn:two'/></p:a>", Limits());
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(child(parsed->root(), "urn:two", "b"));
  EXPECT_FALSE(child(parsed->root(), "urn:one", "b"));
}

TEST(XmlTest, NilIsKnownByItsNamespace) {
  const std::string xsi = "http://www.w3.org/2001/XMLSchema-instance";
  const auto nil = [](const std::string& text) {
    const auto parsed = Document::parse(text, Limits());
    return parsed && parsed->root().is_nil();
  };
  EXPECT_TRUE(nil("<a xmlns:i='" + xsi + "' i:nil='true'/>"));
  EXPECT_TRUE(nil("<a xmlns:i='" + xsi + "' i:nil='1'/>"));
  EXPECT_FALSE(nil("<a xmlns:i='" + xsi + "' i:nil='false'/>"));
  EXPECT_FALSE(nil("<a xmlns:i='urn:other' i:nil='true'/>"));
  EXPECT_FALSE(nil("<a nil='true'/>"));
}

TEST(XmlTextTest, EverythingThatXmlCanCarryComesBackAsItWas) {
  const std::string text = "a & b < c > d \"e\" 'f'\t\r\n ]]> 仮想 \xF0\x9F\x98\x80 \\ %";
  std::string out;
  ASSERT_TRUE(append_escaped(out, text, "it"));
  const auto as_content = Document::parse("<a>" + out + "</a>", Limits());
  ASSERT_TRUE(as_content);
  EXPECT_EQ(as_content->root().text(), text);
  const auto as_attribute = Document::parse("<a b=\"" + out + "\"/>", Limits());
  ASSERT_TRUE(as_attribute);
  EXPECT_EQ(as_attribute->root().attribute("b"), text);
}

TEST(XmlTextTest, BlanksAloneAreText) {
  const auto parsed = Document::parse("<a>  </a>", Limits());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->root().text(), "  ");
}

// What an element says is in one piece, whatever stands in between.
TEST(XmlTextTest, TextIsJoinedAroundWhatIsNoText) {
  const auto text = [](const std::string& of) {
    const auto parsed = Document::parse(of, Limits());
    return parsed ? std::string(parsed->root().text()) : parsed.error().detail;
  };
  EXPECT_EQ(text("<a>b<!-- x -->c<?x?>d<![CDATA[<e>]]>&lt;f</a>"), "bcd<e><f");
  EXPECT_EQ(text("<a>b<x>y</x>c<x>z</x>d</a>"), "bcd");
  EXPECT_EQ(text("<a>\n  <b/>\n  <c/>\n</a>"), "");
  EXPECT_EQ(text("<a>b\r\nc\rd&#13;e</a>"), "b\nc\nd\re");
  EXPECT_EQ(text("<a><![CDATA[b\r\nc\r]]></a>"), "b\nc\n");
  EXPECT_EQ(text("<a><![CDATA[]]> </a>"), "");
}

TEST(XmlTest, WalksOverElementsOnly) {
  const auto parsed = Document::parse(
      "<a>x<b i='1'/>y<!-- c --><c><d><e/></d></c><![CDATA[<f/>]]><b i='2'/></a>", Limits());
  ASSERT_TRUE(parsed);
  const Node root = parsed->root();
  std::string names;
  for (Node each = root.first(); each; each = each.next()) names += each.name();
  EXPECT_EQ(names, "bcb");
  EXPECT_EQ(root.children(), 3U);
  EXPECT_EQ(child(root, "b").attribute("i"), "1");
  EXPECT_EQ(root.find_below("e").name(), "e");
  EXPECT_FALSE(child(root, "c").find_below("b"));
  EXPECT_FALSE(root.next());
}

TEST(XmlTest, ElementsThatAreWrittenAlikeAreEachCounted) {
  const std::string many = "<a>" + repeat("<v>1</v>", 998) + "</a>";
  const auto parsed = Document::parse(many, Limits{.elements = 999});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->root().children(), 998U);
  std::size_t walked = 0;
  for (Node each = parsed->root().first(); each; each = each.next()) ++walked;
  EXPECT_EQ(walked, 998U);
  EXPECT_FALSE(Document::parse(many, Limits{.elements = 998}));
}

// Code that looks for what an answer does not have goes on looking in nothing.
TEST(XmlTest, NoElementHasNothing) {
  const Node none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.first());
  EXPECT_FALSE(none.next());
  EXPECT_FALSE(none.find_below("a"));
  EXPECT_FALSE(child(none, "urn:one", "a"));
  EXPECT_FALSE(none.is_nil());
  EXPECT_EQ(none.name(), "");
  EXPECT_EQ(none.text(), "");
  EXPECT_EQ(none.attribute("a"), "");
  EXPECT_EQ(none.name_space(), "");
  EXPECT_EQ(none.children(), 0U);
}

TEST(XmlTextTest, SaysWhatXmlCannotCarry) {
  for (const std::string& text :
       {std::string("\0", 1), std::string("\x01"), std::string("\x1F"), std::string("\xFF"),
        std::string("\xEF\xBF\xBF"), std::string("aaaaaaaaaaaa\xC3")}) {
    std::string out;
    const auto done = append_escaped(out, text, "the query");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid);
    EXPECT_NE(done.error().detail.find("the query"), std::string::npos);
  }
}

TEST(XmlTextTest, ObjectionsAreFoundAtEveryPlace) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    EXPECT_EQ(find_objection(text), text.npos);
    text[at] = '\x02';
    EXPECT_EQ(find_objection(text), at);
    text[at] = '\x80';
    EXPECT_EQ(find_objection(text), at);
  }
}

TEST(XmlTextTest, PrintableTextIsOneLineAndShort) {
  EXPECT_EQ(printable("  a\r\n\tb\x1B[31m c  ", 100), "a b [31m c");
  EXPECT_EQ(printable("a\xFF\xFE"
                      "b",
                      100),
            "a b");
  EXPECT_EQ(printable("a\xC2\x85"
                      "b",
                      100),
            "a b");
  EXPECT_EQ(printable("", 100), "");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  // Never half a character.
  EXPECT_EQ(printable("ab\xE4\xBB\xAE", 4), "ab...");
}

}  // namespace
}  // namespace hvsec::wsman::xml
