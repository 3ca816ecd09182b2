#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "src/wsman/xml.hpp"
#include "tests/wsman/sample.hpp"

/// Our parser beside pugixml: what ours takes, pugixml takes too, and both see the same in it.
namespace hvsec::wsman::xml {
namespace {

std::string_view peer_name_space(pugi::xml_node node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  const std::string_view prefix = colon == name.npos ? "" : name.substr(0, colon);
  const std::string declaration = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (; node; node = node.parent())
    if (const auto found = node.attribute(declaration.c_str())) return found.value();
  return {};
}

std::string peer_text(pugi::xml_node node) {
  std::string text;
  for (const pugi::xml_node each : node.children())
    if (each.type() != pugi::node_element) text += each.value();
  return text;
}

pugi::xml_node next_element(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

bool same_attributes(Node ours, pugi::xml_node peer) {
  for (const pugi::xml_attribute each : peer.attributes()) {
    const std::string_view name = each.name();
    const bool declares = name == "xmlns" || name.starts_with("xmlns:");
    const std::string_view first = peer.attribute(each.name()).value();
    if (!declares && ours.attribute(name) != first) return false;
  }
  return true;
}

bool same(Node ours, pugi::xml_node peer) {
  if (ours.name() != peer.name() || ours.text() != peer_text(peer) ||
      ours.name_space() != peer_name_space(peer) || !same_attributes(ours, peer))
    return false;
  Node our_child = ours.first();
  pugi::xml_node peer_child = next_element(peer.first_child());
  while (our_child && peer_child) {
    if (!same(our_child, peer_child)) return false;
    our_child = our_child.next();
    peer_child = next_element(peer_child.next_sibling());
  }
  return !our_child && !peer_child;
}

// True when we refuse `text`, or both read the same.
bool agree(const std::string& text) {
  const auto ours = Document::parse(text, Limits());
  if (!ours) return true;
  pugi::xml_document peer;
  const unsigned flags = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const auto parsed = peer.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8);
  return parsed && same(ours->root(), peer.document_element());
}

constexpr const char* answers[] = {"enumerate_all_fragments.xml", "pull_job_elements.xml",
                                   "invoke_job_started.xml", "fault_wmi_not_found.xml"};

constexpr std::string_view odd =
    "<?xml version='1.0'?><!-- c --><a:r xmlns:a='urn:a' xmlns='urn:b' q=\"1 &lt;\t2\" >\r\n"
    " <b>x &amp; y<c/>z<![CDATA[<&]]></b ><a:d e='' f = \"'\"> </a:d>\n<g xmlns:a='urn:c'>"
    "<a:h>&#x4EEE;&#10;</a:h></g><b/>\r</a:r>\n<!-- d -->";

// Elements that are written alike, as an array's are, and some that are nearly so.
constexpr std::string_view alike =
    "<a:r xmlns:a='urn:a'><a:v>1</a:v><a:v>22</a:v><a:v>a longer one</a:v><a:v> 3</a:v><a:v> </a:v>"
    "<a:v/><a:v></a:v><a:v>4 </a:v ><a:v>5</a:v><a:vv>6</a:vv><a:v i='1'>7</a:v><a:v>8</a:v>"
    "<a:v>9<b/></a:v><a:v>10</a:v><a:v><b>1</b><b>2</b></a:v><a:v>11</a:v></a:r>";

// The same with names of several words, as long as real ones, which are compared otherwise.
std::string alike_at_length() {
  std::string text(alike);
  constexpr std::string_view short_name = "a:v";
  for (std::size_t at = 0; (at = text.find(short_name, at)) != text.npos; ++at)
    text.replace(at, short_name.size(), "a:KeyProtector");
  return text;
}

TEST(XmlPeerTest, ReadsAnswersAsPugixmlDoes) {
  for (const std::string& text : {std::string(odd), std::string(alike), alike_at_length()}) {
    ASSERT_TRUE(Document::parse(text, Limits()));
    EXPECT_TRUE(agree(text));
  }
  for (const char* name : answers) {
    ASSERT_TRUE(Document::parse(test::sample(name), Limits())) << name;
    EXPECT_TRUE(agree(test::sample(name))) << name;
  }
}

class BrokenTextTest : public testing::TestWithParam<std::string> {};

TEST_P(BrokenTextTest, IsNotTakenWherePugixmlRefusesOrReadsOtherwise) {
  const std::string& whole = GetParam();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    ASSERT_TRUE(agree(whole.substr(0, at))) << "cut to " << at << " bytes";
    ASSERT_TRUE(agree(std::string(whole).erase(at, 1))) << "without byte " << at;
    for (const char byte : {'<', '>', '/', '&', ';', '"', '\'', '=', '!', '?', ']', '-', ' ', '\r',
                            '\n', ':', 'x', '1'}) {
      std::string broken = whole;
      broken[at] = byte;
      ASSERT_TRUE(agree(broken)) << "byte " << at << " is now " << byte;
      ASSERT_TRUE(agree(std::string(whole).insert(at, 1, byte))) << byte << " put at " << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Odd, BrokenTextTest, testing::Values(std::string(odd)));
INSTANTIATE_TEST_SUITE_P(Alike, BrokenTextTest, testing::Values(std::string(alike)));
INSTANTIATE_TEST_SUITE_P(AlikeAtLength, BrokenTextTest, testing::Values(alike_at_length()));

}  // namespace
}  // namespace hvsec::wsman::xml
