#include "src/wsman/request.hpp"

#include <gtest/gtest.h>

#include "src/wsman/names.hpp"
#include "src/wsman/xml.hpp"

namespace hvsec::wsman {
namespace {

using namespace std::chrono_literals;

const std::string virtualization = "root/virtualization/v2";

RequestHeader some_header() { return {"http://hv:5985/wsman", "uuid:1", 512'000, 58'500ms}; }

// A request, opened as a host would.
struct Opened {
  explicit Opened(const Result<std::string>& written)
      : document(xml::Document::parse(written ? *written : "<none/>", xml::Limits())) {
    EXPECT_TRUE(written) << written.error().detail;
  }

  [[nodiscard]] xml::Node header(std::string_view uri, std::string_view name) const {
    return xml::child(xml::child(document->root(), names::soap, "Header"), uri, name);
  }
  [[nodiscard]] xml::Node body() const { return xml::child(document->root(), names::soap, "Body"); }

  Result<xml::Document> document;
};

TEST(RequestTest, HeaderIsTheOneThatWinRmClientsSend) {
  const Opened opened(write_get(some_header(), {virtualization, "Msvm_X", {{"Name", "a\\b"}}}));
  const auto text = [&](std::string_view uri, std::string_view name) {
    return opened.header(uri, name).text();
  };
  EXPECT_EQ(text(names::addressing, "To"), "http://hv:5985/wsman");
  EXPECT_EQ(text(names::addressing, "MessageID"), "uuid:1");
  EXPECT_EQ(text(names::addressing, "Action"), names::action_get);
  EXPECT_EQ(text(names::wsman, "ResourceURI"),
            "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_X");
  EXPECT_EQ(text(names::wsman, "MaxEnvelopeSize"), "512000");
  EXPECT_EQ(text(names::wsman, "OperationTimeout"), "PT58.500S");
  const auto reply_to = opened.header(names::addressing, "ReplyTo");
  EXPECT_EQ(xml::child(reply_to, names::addressing, "Address").text(), names::anonymous);
}

TEST(RequestTest, OnlyWhatTheHostMustUnderstandSaysSo) {
  const Opened opened(write_get(some_header(), {virtualization, "Msvm_X", {}}));
  const auto must = [&](std::string_view uri, std::string_view name) {
    return opened.header(uri, name).attribute("s:mustUnderstand");
  };
  EXPECT_EQ(must(names::addressing, "Action"), "true");
  EXPECT_EQ(must(names::wsman, "ResourceURI"), "true");
  EXPECT_EQ(must(names::wsman, "MaxEnvelopeSize"), "true");
  // WinRM refuses a request whose locale must be understood.
  EXPECT_EQ(must(names::wsman, "Locale"), "false");
  EXPECT_EQ(must(names::wsman_microsoft, "DataLocale"), "false");
}

TEST(RequestTest, SelectorsCarryTheKeysAsText) {
  const Opened opened(write_get(
      some_header(), {virtualization, "Msvm_X", {{"A", "1"}, {"InstanceID", "a\\<&\""}}}));
  const auto set = opened.header(names::wsman, "SelectorSet");
  const auto first = set.first();
  EXPECT_EQ(first.attribute("Name"), "A");
  const auto second = first.next();
  EXPECT_EQ(second.attribute("Name"), "InstanceID");
  EXPECT_EQ(second.text(), "a\\<&\"");
  EXPECT_FALSE(second.next());
}

TEST(RequestTest, NoKeysMeanNoSelectors) {
  const Opened opened(write_get(some_header(), {virtualization, "Msvm_X", {}}));
  EXPECT_FALSE(opened.header(names::wsman, "SelectorSet"));
}

TEST(RequestTest, EnumerateAsksAllClassesWithAFilterAndAnOptimizedAnswer) {
  const std::string wql = "select * from Msvm_X where a < 'b' and c = '\\\\'";
  const Opened opened(write_enumerate(some_header(), {virtualization, wql}, 7));
  EXPECT_EQ(opened.header(names::wsman, "ResourceURI").text(),
            "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/*");
  const auto enumerate = xml::child(opened.body(), names::enumeration, "Enumerate");
  EXPECT_TRUE(xml::child(enumerate, names::wsman, "OptimizeEnumeration"));
  EXPECT_EQ(xml::child(enumerate, names::wsman, "MaxElements").text(), "7");
  const auto filter = xml::child(enumerate, names::wsman, "Filter");
  EXPECT_EQ(filter.attribute("Dialect"), names::dialect_wql);
  EXPECT_EQ(filter.text(), wql);
}

TEST(RequestTest, PullAndReleaseNameTheContext) {
  const Opened pull(write_pull(some_header(), virtualization, "uuid:<c>", 9));
  const auto pulled = xml::child(pull.body(), names::enumeration, "Pull");
  EXPECT_EQ(xml::child(pulled, names::enumeration, "EnumerationContext").text(), "uuid:<c>");
  EXPECT_EQ(xml::child(pulled, names::enumeration, "MaxElements").text(), "9");
  const Opened release(write_release(some_header(), virtualization, "uuid:c"));
  const auto released = xml::child(release.body(), names::enumeration, "Release");
  EXPECT_EQ(xml::child(released, names::enumeration, "EnumerationContext").text(), "uuid:c");
}

TEST(RequestTest, InvokeCarriesItsParametersInTheirOrder) {
  const std::string embedded =
      "<INSTANCE CLASSNAME=\"Msvm_SecuritySettingData\"><PROPERTY NAME=\"TpmEnabled\" "
      "TYPE=\"boolean\"><VALUE>true</VALUE></PROPERTY></INSTANCE>";
  const std::vector<cim::Property> in = {
      {"SecuritySettingData", embedded},
      {"Nothing", std::monostate()},
      {"Many", std::vector<std::string>{"1", "2"}},
      {"Ref", cim::ObjectPath{virtualization, "Msvm_Y", {{"Name", "n"}}}},
  };
  const Opened opened(
      write_invoke(some_header(), {virtualization, "Msvm_S", {}}, "ModifySecuritySettings", in));
  const std::string uri =
      "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_S";
  EXPECT_EQ(opened.header(names::addressing, "Action").text(), uri + "/ModifySecuritySettings");
  const auto input = xml::child(opened.body(), uri, "ModifySecuritySettings_INPUT");
  const auto settings = input.first();
  EXPECT_TRUE(xml::is(settings, uri, "SecuritySettingData"));
  EXPECT_EQ(settings.text(), embedded);
  const auto nothing = settings.next();
  EXPECT_TRUE(nothing.is_nil());
  const auto first = nothing.next();
  const auto second = first.next();
  EXPECT_EQ(first.text(), "1");
  EXPECT_TRUE(xml::is(second, uri, "Many"));
  EXPECT_EQ(second.text(), "2");
  // WinRM wants the reference in the parameter itself, not in an EndpointReference.
  const auto reference = second.next();
  EXPECT_TRUE(xml::child(reference, names::addressing, "ReferenceParameters"));
}

TEST(RequestTest, RefusesWhatIsNoCimName) {
  const auto header = some_header();
  for (const std::string name : {"", "a b", "1a", "a>", "a/b", "a:b", "\xC3\xA4"}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(write_get(header, {virtualization, name, {}}));
    EXPECT_FALSE(write_get(header, {virtualization, "A", {{name, "x"}}}));
    EXPECT_FALSE(write_invoke(header, {virtualization, "A", {}}, name, {}));
    EXPECT_FALSE(write_invoke(header, {virtualization, "A", {}}, "M", {{name, "x"}}));
  }
  for (const std::string name_space : {"", "root\\cimv2", "root//x", "/root", "root/", "a<b"}) {
    SCOPED_TRACE(name_space);
    EXPECT_FALSE(write_enumerate(header, {name_space, "select * from A"}, 1));
  }
}

TEST(RequestTest, RefusesTextThatXmlCannotCarry) {
  const auto header = some_header();
  const auto refused =
      write_invoke(header, {virtualization, "A", {}}, "M", {{"Notes", std::string("a\x01z")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_NE(refused.error().detail.find("Notes"), std::string::npos);
  EXPECT_FALSE(write_enumerate(header, {virtualization, "select \xFF"}, 1));
  EXPECT_FALSE(write_get(header, {virtualization, "A", {{"K", std::string("\0", 1)}}}));
}

TEST(RequestTest, IdentifyNeedsNothing) {
  const auto parsed = xml::Document::parse(write_identify(), xml::Limits());
  ASSERT_TRUE(parsed);
  const auto body = xml::child(parsed->root(), names::soap, "Body");
  EXPECT_TRUE(xml::child(body, names::identity, "Identify"));
}

}  // namespace
}  // namespace hvsec::wsman
