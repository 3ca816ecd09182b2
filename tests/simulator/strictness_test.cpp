#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using testing::HasSubstr;
using testing::Not;

// A request that is right but for one thing.
struct SpoiledCase {
  const char* name;
  std::function<Message()> message;
  const char* subcode;
  std::uint32_t code;

  friend void PrintTo(const SpoiledCase& c, std::ostream* os) { *os << c.name; }
};

Message query() { return enumerate("select * from Msvm_ComputerSystem"); }

template <class Spoil>
std::function<Message()> spoiled(Spoil spoil) {
  return [spoil] {
    Message message = query();
    spoil(message);
    return message;
  };
}

std::function<Message()> with_header(const std::string& header) {
  return spoiled([header](Message& m) { m.headers = header; });
}

std::function<Message()> with_body(const std::string& body) {
  return spoiled([body](Message& m) { m.body = body; });
}

std::function<Message()> with_get(const std::vector<std::pair<std::string, std::string>>& keys,
                                  const std::string& class_name = "Msvm_SecuritySettingData") {
  return [=] { return get(class_name, keys); };
}

const SpoiledCase spoiled_cases[] = {
    {"NoTo", spoiled([](Message& m) { m.to = ""; }), "a:MessageInformationHeaderRequired",
     2'150'858'769},
    {"NoReplyTo", spoiled([](Message& m) { m.reply_to = ""; }),
     "a:MessageInformationHeaderRequired", 2'150'858'769},
    {"NoMessageId", spoiled([](Message& m) { m.message_id = ""; }),
     "a:MessageInformationHeaderRequired", 2'150'858'769},
    {"NoAction", spoiled([](Message& m) { m.action = ""; }), "a:MessageInformationHeaderRequired",
     2'150'858'769},
    {"NoResourceUri", spoiled([](Message& m) { m.uri = ""; }), "a:MessageInformationHeaderRequired",
     2'150'858'769},
    {"WrongAction", spoiled([](Message& m) { m.action = "urn:do-it"; }), "a:ActionNotSupported",
     2'150'858'771},
    {"ReplyToElsewhere", spoiled([](Message& m) {
       m.reply_to = "<a:ReplyTo><a:Address>http://x</a:Address></a:ReplyTo>";
     }),
     "w:UnsupportedFeature", 2'150'858'769},
    {"UnknownHeaderToUnderstand", with_header("<n:Magic s:mustUnderstand='true'/>"),
     "s:MustUnderstand", 2'150'858'768},
    {"LocaleToUnderstand", with_header("<w:Locale xml:lang='en-US' s:mustUnderstand='true'/>"),
     "w:UnsupportedFeature", 2'150'858'887},
    {"DataLocaleToUnderstand",
     with_header("<p:DataLocale xml:lang='en-US' s:mustUnderstand='true'/>"),
     "w:UnsupportedFeature", 2'150'858'887},
    {"SmallEnvelope", with_header("<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>"), "w:EncodingLimit",
     2'150'858'878},
    {"EnvelopeNotANumber", with_header("<w:MaxEnvelopeSize>big</w:MaxEnvelopeSize>"),
     "w:SchemaValidationError", 2'150'858'817},
    {"BadTimeout", with_header("<w:OperationTimeout>60</w:OperationTimeout>"), "w:InvalidParameter",
     2'150'858'881},
    {"WrongDialect",
     with_body("<n:Enumerate><w:Filter Dialect='urn:sql'>select</w:Filter></n:Enumerate>"),
     "n:FilterDialectRequestedUnavailable", 2'150'858'777},
    {"NoFilter", with_body("<n:Enumerate/>"), "n:CannotProcessFilter", 2'150'858'778},
    {"WrongBody", with_body("<n:Pull/>"), "w:SchemaValidationError", 2'150'858'817},
    {"MaxElementsOfPull", with_body("<n:Enumerate><n:MaxElements>9</n:MaxElements></n:Enumerate>"),
     "w:SchemaValidationError", 2'150'858'817},
    {"NoElements", with_body("<n:Enumerate><w:MaxElements>0</w:MaxElements></n:Enumerate>"),
     "w:SchemaValidationError", 2'150'858'817},
    {"UnknownMode",
     with_body("<n:Enumerate><w:EnumerationMode>All</w:EnumerationMode></n:Enumerate>"),
     "w:UnsupportedFeature", 2'150'858'886},
    {"MaxElementsOfEnumerate",
     [] {
       Message message = pull("uuid:1", "");
       message.body =
           "<n:Pull><n:EnumerationContext>uuid:1</n:EnumerationContext>"
           "<w:MaxElements>9</w:MaxElements></n:Pull>";
       return message;
     },
     "w:SchemaValidationError", 2'150'858'817},
    {"UnknownContext", [] { return pull("uuid:1"); }, "n:InvalidEnumerationContext", 2'150'858'779},
    {"BadWql", [] { return enumerate("select from"); }, "n:CannotProcessFilter", 2'150'858'778},
    {"UnknownClass", [] { return enumerate("select * from Msvm_Nothing"); },
     "n:CannotProcessFilter", 2'150'858'778},
    {"UnknownColumn", [] { return enumerate("select X from Msvm_ComputerSystem"); },
     "n:CannotProcessFilter", 2'150'858'778},
    {"UnknownProperty", [] { return enumerate("select * from Msvm_ComputerSystem where X = 1"); },
     "n:CannotProcessFilter", 2'150'858'778},
    {"OtherNameSpace", spoiled([](Message& m) {
       m.uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv3/*";
     }),
     "n:CannotProcessFilter", 2'150'858'778},
    {"NotWmi", spoiled([](Message& m) { m.uri = "http://schemas.dmtf.org/x/*"; }),
     "a:DestinationUnreachable", 2'150'858'811},
    {"NoSuchInstance", with_get({{"InstanceID", "x"}}), "a:DestinationUnreachable", 2'150'858'752},
    {"GetOfUnknownClass", with_get({{"InstanceID", "x"}}, "Msvm_Nothing"),
     "a:DestinationUnreachable", 2'150'858'752},
    {"WrongSelector", with_get({{"Name", "x"}}), "w:InvalidSelectors", 2'150'858'843},
    {"SelectorThatIsNoKey", with_get({{"InstanceID", "x"}, {"TpmEnabled", "true"}}),
     "w:InvalidSelectors", 2'150'858'843},
    {"SelectorTwice", with_get({{"InstanceID", "x"}, {"instanceid", "x"}}), "w:InvalidSelectors",
     2'150'858'847},
    {"NoSelector", with_get({}), "w:InvalidSelectors", 2'150'858'842},
    {"OtherCimNameSpace", with_get({{"InstanceID", "x"}, {"__cimnamespace", "root/cimv2"}}),
     "w:InvalidSelectors", 2'150'858'843},
    {"OneKeyOfTwo", with_get({{"Name", "HV"}}, "Msvm_ComputerSystem"), "w:InvalidSelectors",
     2'150'858'842},
    {"InvokeOfNothing",
     [] { return invoke("Msvm_SecurityService", "ModifySecuritySettings", {}, ""); },
     "w:InternalError", 2'150'858'752},
    {"UnknownMethod",
     [] {
       return invoke("Msvm_SecurityService", "Explode",
                     {{"CreationClassName", "Msvm_SecurityService"}}, "");
     },
     "a:ActionNotSupported", 2'150'858'771},
    {"UnknownParameter",
     [] {
       return invoke("Msvm_SecurityService", "ModifySecuritySettings",
                     {{"CreationClassName", "Msvm_SecurityService"}}, "<m:Data>x</m:Data>");
     },
     "w:SchemaValidationError", 2'150'858'817},
    {"NoParameter",
     [] {
       return invoke("Msvm_SecurityService", "ModifySecuritySettings",
                     {{"CreationClassName", "Msvm_SecurityService"}}, "");
     },
     "w:SchemaValidationError", 2'150'858'817},
};

class StrictnessTest : public SimulationTest, public testing::WithParamInterface<SpoiledCase> {};

TEST_P(StrictnessTest, FaultsAsWinRmDoes) {
  start(one_host("[{name: v}]"));
  const auto reply = post(GetParam().message());
  EXPECT_EQ(reply.status, 500U);
  EXPECT_THAT(reply.body, HasSubstr("<s:Value>" + std::string(GetParam().subcode) + "</s:Value>"));
  EXPECT_THAT(reply.body, HasSubstr("Code=\"" + std::to_string(GetParam().code) + "\""));
  EXPECT_TRUE(parse_xml(reply.body).has_value()) << reply.body;
}

INSTANTIATE_TEST_SUITE_P(, StrictnessTest, testing::ValuesIn(spoiled_cases),
                         [](const auto& test) { return test.param.name; });

class HttpTest : public SimulationTest {};

TEST_F(HttpTest, WhatIsNotAWsManagementRequestHasAPlainStatus) {
  start(one_host("[]"));
  HttpRequest request{.method = "POST",
                      .target = "/hv/wsman",
                      .content_type = "application/soap+xml",
                      .authorization = "",
                      .unauthenticated_identify = false,
                      .body = query().text()};
  EXPECT_EQ(simulation_->handle(request, logon_).status, 200U);
  request.target = "/other/wsman";
  EXPECT_EQ(simulation_->handle(request, logon_).status, 404U);
  request.target = "/hv";
  EXPECT_EQ(simulation_->handle(request, logon_).status, 404U);
  request.target = "/hv/wsman";
  request.content_type = "application/json";
  EXPECT_EQ(simulation_->handle(request, logon_).status, 415U);
  request.content_type = "application/soap+xml";
  request.method = "GET";
  EXPECT_EQ(simulation_->handle(request, logon_).status, 405U);
  request.method = "POST";
  request.body = std::string(512'001, ' ');
  EXPECT_EQ(simulation_->handle(request, logon_).status, 413U);
}

TEST_F(HttpTest, BrokenXmlIsAFaultThatRelatesToNothing) {
  start(one_host("[]"));
  for (const char* body : {"", "<", "hello", "<a/>", "<!DOCTYPE a><a/>"}) {
    const auto reply = post(std::string(body));
    EXPECT_EQ(reply.status, 500U) << body;
    EXPECT_THAT(reply.body, HasSubstr("w:SchemaValidationError"));
    EXPECT_THAT(reply.body, Not(HasSubstr("RelatesTo")));
  }
}

TEST_F(HttpTest, CredentialsAreAskedForButNotForIdentify) {
  policy_.basic = "user:secret";
  start(one_host("[]"));
  const auto refused = post(query().text(), "Basic nonsense");
  EXPECT_EQ(refused.status, 401U);
  ASSERT_EQ(refused.headers.size(), 1U);
  EXPECT_EQ(refused.headers[0].second, "Basic realm=\"WSMAN\"");
  EXPECT_EQ(post(query().text(), "Basic dXNlcjpzZWNyZXQ=").status, 200U);

  HttpRequest identify{.method = "POST",
                       .target = "/hv/wsman",
                       .content_type = "application/soap+xml",
                       .authorization = "",
                       .unauthenticated_identify = true,
                       .body =
                           "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' "
                           "xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/"
                           "wsmanidentity.xsd'><s:Body><i:Identify/></s:Body></s:Envelope>"};
  EXPECT_THAT(simulation_->handle(identify, logon_).body, HasSubstr("OS: 0.0.0"));
  identify.body = query().text();
  EXPECT_EQ(simulation_->handle(identify, logon_).status, 401U);
}

// Requests cut anywhere, and with any byte spoiled, must come to an answer.
TEST_F(HttpTest, NoMutilatedRequestBringsItDown) {
  start(one_host("[{name: v, keyProtector: local}]"));
  const std::string text = modify(embedded(id_of("v"), "TpmEnabled", "TRUE")).text();
  for (std::size_t place = 0; place < text.size(); ++place) {
    EXPECT_NE(post(text.substr(0, place)).status, 200U) << place;
    for (const char spoil : {'\0', '<', '&', '\xFF', '9'}) {
      std::string spoiled_text = text;
      spoiled_text[place] = spoil;
      const auto reply = post(spoiled_text);
      EXPECT_TRUE(reply.status == 200 || reply.status == 500) << place;
    }
  }
}

}  // namespace
}  // namespace hvsec::simulator
