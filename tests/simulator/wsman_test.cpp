#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const char* const two_vms =
    "[{name: dc-01, keyProtector: local, snapshots: 1}, {name: dc-02, power: running}, "
    "{name: new, planned: true}, {name: golden, template: true}]";

class WsmanTest : public SimulationTest {
 protected:
  void SetUp() override { start(one_host(two_vms)); }

  // Enumerates to the end, as a client would, and gives all answers in one.
  std::string enumerate_all(const std::string& wql) {
    std::string all = post(enumerate(wql)).body;
    std::string context = between_tags(all, "EnumerationContext");
    while (!context.empty()) {
      const std::string answer = post(pull(context)).body;
      context = between_tags(answer, "EnumerationContext");
      all += answer;
    }
    return all;
  }

  void expect_fault(const Message& message, const std::string& subcode, std::uint32_t code) {
    const auto reply = post(message);
    EXPECT_EQ(reply.status, 500U);
    EXPECT_THAT(reply.body, HasSubstr("<s:Value>" + subcode + "</s:Value>"));
    EXPECT_THAT(reply.body, HasSubstr("Code=\"" + std::to_string(code) + "\""));
    EXPECT_TRUE(parse_xml(reply.body).has_value());
  }
};

// The id of the job that an answer of ModifySecuritySettings refers to.
std::string job_in(const std::string& answer) {
  return answer.substr(answer.find("Name=\"InstanceID\">") + 18, 36);
}

TEST_F(WsmanTest, IdentifyNeedsNoHeaders) {
  const auto reply = post(
      "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' "
      "xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'><s:Header/>"
      "<s:Body><i:Identify/></s:Body></s:Envelope>");
  EXPECT_EQ(reply.status, 200U);
  EXPECT_THAT(reply.body, HasSubstr("OS: 10.0.20348 SP: 0.0 Stack: 3.0"));
}

TEST_F(WsmanTest, TheFirstAnswerHasOneItemAndPullHasTheRest) {
  const auto first = post(enumerate("select * from Msvm_ComputerSystem")).body;
  EXPECT_EQ(count_of(first, "</p:Msvm_ComputerSystem>"), 1U);
  EXPECT_THAT(first, HasSubstr("<w:Items>"));
  EXPECT_THAT(first, Not(HasSubstr("EndOfSequence")));
  const auto rest = post(pull(between_tags(first, "EnumerationContext"))).body;
  EXPECT_EQ(count_of(rest, "</p:Msvm_ComputerSystem>"), 2U);
  EXPECT_THAT(rest, HasSubstr("<n:EndOfSequence/>"));
}

TEST_F(WsmanTest, ListsTheHostItselfAndNoPlannedVm) {
  const auto systems = enumerate_all("select * from Msvm_ComputerSystem");
  EXPECT_THAT(systems, HasSubstr("<p:Name>HV</p:Name>"));
  EXPECT_THAT(systems, Not(HasSubstr("<p:ElementName>new<")));
  EXPECT_THAT(enumerate_all("select * from Msvm_PlannedComputerSystem"),
              HasSubstr("<p:ElementName>new<"));
}

TEST_F(WsmanTest, SettingsComeWithSnapshotsTemplatesAndPlannedVms) {
  const auto settings = enumerate_all("select * from Msvm_VirtualSystemSettingData");
  EXPECT_EQ(count_of(settings, "Microsoft:Hyper-V:System:Realized"), 2U);
  EXPECT_EQ(count_of(settings, "Microsoft:Hyper-V:Snapshot:Realized"), 1U);
  EXPECT_EQ(count_of(settings, "Microsoft:Hyper-V:System:Planned"), 1U);
  EXPECT_EQ(count_of(settings, "Microsoft:Hyper-V:System:Definition"), 4U);
  EXPECT_EQ(count_of(enumerate_all("select * from Msvm_SecuritySettingData"),
                     "</p:Msvm_SecuritySettingData>"),
            5U);
}

TEST_F(WsmanTest, ColumnsComeInAFragmentWithoutNameSpaces) {
  const auto answer =
      post(enumerate("select Name, InstallDate, EnabledState, CommunicationStatus from "
                     "Msvm_ComputerSystem where ElementName = 'dc-02'"))
          .body;
  EXPECT_THAT(answer, HasSubstr("<CommunicationStatus xsi:nil=\"true\"/>"
                                "<EnabledState>2</EnabledState>"
                                "<InstallDate><Datetime>2026-11-22T00:00:01.000000Z</Datetime>"
                                "</InstallDate><Name>"));
  EXPECT_THAT(answer, HasSubstr("<n:EnumerationContext></n:EnumerationContext>"));
  EXPECT_THAT(answer, HasSubstr("<w:EndOfSequence/>"));
}

TEST_F(WsmanTest, NothingFoundIsTheEndOfTheSequence) {
  const auto answer = post(enumerate("select * from Msvm_ComputerSystem where Name = 'x'")).body;
  EXPECT_THAT(answer, HasSubstr("<w:Items></w:Items><w:EndOfSequence/>"));
}

TEST_F(WsmanTest, WithoutOptimizationThereIsOnlyAContext) {
  const auto answer = post(enumerate("select * from Msvm_ComputerSystem", "")).body;
  EXPECT_THAT(answer, Not(HasSubstr("Items")));
  const auto item = post(pull(between_tags(answer, "EnumerationContext"), "")).body;
  EXPECT_EQ(count_of(item, "</p:Msvm_ComputerSystem>"), 1U) << "a Pull gives one item by default";
}

TEST_F(WsmanTest, ReferencesOnRequest) {
  const auto answer =
      post(enumerate("select * from Msvm_ComputerSystem where ElementName = 'dc-01'",
                     "<w:OptimizeEnumeration/><w:EnumerationMode>EnumerateObjectAndEPR"
                     "</w:EnumerationMode>"))
          .body;
  EXPECT_THAT(answer, HasSubstr("<w:Item><p:Msvm_ComputerSystem"));
  EXPECT_THAT(answer, HasSubstr("<w:Selector Name=\"CreationClassName\">Msvm_ComputerSystem<"));
}

TEST_F(WsmanTest, AUsedContextIsNoLongerValid) {
  const auto first = post(enumerate("select * from Msvm_ComputerSystem")).body;
  const auto context = between_tags(first, "EnumerationContext");
  post(pull(context, "1"));
  expect_fault(pull(context), "n:InvalidEnumerationContext", 2'150'858'779);
}

TEST_F(WsmanTest, EnumerationsExpireAndCanBeReleased) {
  const auto context =
      between_tags(post(enumerate("select * from Msvm_ComputerSystem")).body, "EnumerationContext");
  clock_.pass(seconds(61));
  expect_fault(pull(context), "n:InvalidEnumerationContext", 2'150'858'779);

  const auto other =
      between_tags(post(enumerate("select * from Msvm_ComputerSystem")).body, "EnumerationContext");
  Message release;
  release.action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
  release.body =
      "<n:Release><n:EnumerationContext>" + other + "</n:EnumerationContext></n:Release>";
  EXPECT_EQ(post(release).status, 200U);
  expect_fault(pull(other), "n:InvalidEnumerationContext", 2'150'858'779);
}

TEST_F(WsmanTest, OpenEnumerationsAreLimited) {
  start(one_host(two_vms, "maxConcurrentOperations: 2"));
  post(enumerate("select * from Msvm_ComputerSystem"));
  post(enumerate("select * from Msvm_ComputerSystem"));
  expect_fault(enumerate("select * from Msvm_ComputerSystem"), "w:InternalError", 2'150'859'174);
}

TEST_F(WsmanTest, AnswersKeepWithinTheEnvelope) {
  start(one_host("[{name: vm-%03d, repeat: 100}]", "firstAnswer: all"));
  Message message = enumerate("select * from Msvm_SecuritySettingData");
  message.headers = "<w:MaxEnvelopeSize>16384</w:MaxEnvelopeSize>";
  std::string answer = post(message).body;
  std::size_t found = 0;
  int answers = 0;
  for (;; ++answers) {
    EXPECT_LE(answer.size(), 16'384U);
    found += count_of(answer, "</p:Msvm_SecuritySettingData>");
    const auto context = between_tags(answer, "EnumerationContext");
    if (context.empty()) break;
    Message next = pull(context);
    next.headers = message.headers;
    answer = post(next).body;
  }
  EXPECT_EQ(found, 100U);
  EXPECT_GT(answers, 3);
}

TEST_F(WsmanTest, AnEnvelopeTooSmallForOneItemIsAFault) {
  start(one_host("[{name: " + std::string(9'000, 'x') + "}]"));
  Message message = enumerate("select ElementName from Msvm_ComputerSystem where Name <> 'HV'");
  message.headers = "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>";
  expect_fault(message, "w:EncodingLimit", 2'150'858'824);
}

TEST_F(WsmanTest, JobsAreFollowedWithGet) {
  const auto started = post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE"))).body;
  EXPECT_EQ(between_tags(started, "ReturnValue"), "4096");
  const std::string job = job_in(started);
  const Message poll = get("Msvm_ConcreteJob", {{"InstanceID", job}});
  EXPECT_EQ(between_tags(post(poll).body, "JobState"), "3");
  clock_.pass(seconds(1));
  EXPECT_EQ(between_tags(post(poll).body, "JobState"), "4");
  clock_.pass(seconds(1));
  const auto ended = post(poll).body;
  EXPECT_EQ(between_tags(ended, "JobState"), "7");
  EXPECT_EQ(between_tags(ended, "ErrorCode"), "0");
  EXPECT_THAT(ended, HasSubstr("<p:ElapsedTime><cim:Interval>P0DT0H0M2S</cim:Interval>"));
  EXPECT_EQ(
      between_tags(post(get("Msvm_SecuritySettingData", {{"InstanceID", id_of("dc-01")}})).body,
                   "TpmEnabled"),
      "true");
  clock_.pass(seconds(300));
  expect_fault(poll, "a:DestinationUnreachable", 2'150'858'752);
}

TEST_F(WsmanTest, AFailedJobExplainsItself) {
  const auto started = post(modify(embedded(id_of("dc-02"), "KsdEnabled", "TRUE"))).body;
  const std::string job = job_in(started);
  clock_.pass(seconds(2));
  const auto ended = post(get("Msvm_ConcreteJob", {{"InstanceID", job}})).body;
  EXPECT_EQ(between_tags(ended, "JobState"), "10");
  EXPECT_EQ(between_tags(ended, "ErrorCode"), "32775");
  const auto errors =
      post(invoke("Msvm_ConcreteJob", "GetErrorEx", {{"InstanceID", job}}, "")).body;
  EXPECT_EQ(count_of(errors, "</p:Errors>"), 3U);
  EXPECT_THAT(errors, HasSubstr("&lt;INSTANCE CLASSNAME=&quot;Msvm_Error&quot;&gt;"));
}

// What a property that is a reference looks like.
std::string reference(const std::string& tag, const std::string& class_name,
                      const std::string& selectors) {
  return "<" + tag + " xmlns:a=\"" + std::string(name_space::addressing) + "\" xmlns:w=\"" +
         std::string(name_space::wsman) + "\"><a:Address>" + std::string(anonymous_role) +
         "</a:Address><a:ReferenceParameters><w:ResourceURI>" + std::string(hyper_v) + class_name +
         "</w:ResourceURI><w:SelectorSet>" + selectors +
         "</w:SelectorSet></a:ReferenceParameters></" + tag + ">";
}

const char* const all_associations = "select * from Msvm_AffectedJobElement";

std::size_t associations_in(const std::string& answers) {
  return count_of(answers, "</p:Msvm_AffectedJobElement>");
}

TEST_F(WsmanTest, AssociationsTellWhichJobWorksOnWhichVm) {
  EXPECT_EQ(associations_in(enumerate_all(all_associations)), 0U);
  const auto job = job_in(post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE"))).body);
  const std::string vm = text(host().vms()[host().find_all("dc-01").at(0)].id);
  const std::string vm_keys =
      "<w:Selector Name=\"CreationClassName\">Msvm_ComputerSystem</w:Selector>"
      "<w:Selector Name=\"Name\">" +
      vm + "</w:Selector>";
  const std::string job_key = "<w:Selector Name=\"InstanceID\">" + job + "</w:Selector>";
  EXPECT_THAT(enumerate_all(all_associations),
              HasSubstr(reference("p:AffectedElement", "Msvm_ComputerSystem", vm_keys) +
                        reference("p:AffectingElement", "Msvm_ConcreteJob", job_key) +
                        "<p:ElementEffects>0</p:ElementEffects></p:Msvm_AffectedJobElement>"));
  EXPECT_THAT(
      post(enumerate("select AffectingElement from Msvm_AffectedJobElement")).body,
      HasSubstr(reference("AffectingElement", "Msvm_ConcreteJob", job_key) + "</w:XmlFragment>"));
}

TEST_F(WsmanTest, AnAssociationStaysAsLongAsItsJob) {
  post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE")));
  clock_.pass(seconds(301));
  EXPECT_EQ(associations_in(enumerate_all(all_associations)), 1U) << "ended, but remembered";
  clock_.pass(seconds(1));
  EXPECT_EQ(associations_in(enumerate_all(all_associations)), 0U);
}

TEST_F(WsmanTest, JobsForgottenDuringAnEnumerationAreNotInIt) {
  start(one_host(two_vms, "jobRetentionSeconds: 10"));
  post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE")));
  clock_.pass(seconds(9));
  const auto kept = job_in(post(modify(embedded(id_of("dc-01"), "TpmEnabled", "FALSE"))).body);
  std::vector<std::string> contexts;
  for (const std::string name : {"Msvm_AffectedJobElement", "Msvm_ConcreteJob"})
    contexts.push_back(
        between_tags(post(enumerate("select * from " + name, "")).body, "EnumerationContext"));
  clock_.pass(seconds(4));
  for (const auto& context : contexts) {
    const auto answer = post(pull(context)).body;
    EXPECT_EQ(count_of(answer, kept), 1U) << answer;
    EXPECT_THAT(answer, Not(HasSubstr("<p:AffectingElement xsi:nil")));
    EXPECT_THAT(answer, Not(HasSubstr("<p:InstanceID xsi:nil")));
    EXPECT_THAT(answer, HasSubstr("<n:EndOfSequence/>"));
  }
}

TEST_F(WsmanTest, AnAssociationIsOnlyEnumerated) {
  post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE")));
  expect_fault(get("Msvm_AffectedJobElement", {}), "w:SchemaValidationError", 2'150'858'817);
  expect_fault(enumerate("select * from Msvm_AffectedJobElement",
                         "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>"),
               "w:UnsupportedFeature", 2'150'858'886);
}

TEST_F(WsmanTest, AVmThatIsGoneTakesItsAssociationsAlong) {
  post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE")));
  host().remove(host().find_all("dc-01").at(0));
  EXPECT_EQ(associations_in(enumerate_all(all_associations)), 0U);
}

TEST_F(WsmanTest, AnUnchangedInstanceNeedsNoJob) {
  const auto answer = post(modify(embedded(id_of("dc-01"), "TpmEnabled", "FALSE"))).body;
  EXPECT_THAT(answer, HasSubstr("<p:Job xsi:nil=\"true\"/><p:ReturnValue>0</p:ReturnValue>"));
}

TEST_F(WsmanTest, AnInstanceAsXmlInsteadOfTextIsAgainstTheSchema) {
  expect_fault(
      invoke("Msvm_SecurityService", "ModifySecuritySettings",
             {{"CreationClassName", "Msvm_SecurityService"}},
             "<m:SecuritySettingData><m:Msvm_SecuritySettingData/></m:SecuritySettingData>"),
      "w:SchemaValidationError", 2'150'858'817);
}

TEST_F(WsmanTest, AHostThatSpeaksJapaneseSaysNothingInEnglish) {
  start(one_host(two_vms, "locale: ja-JP"));
  EXPECT_THAT(enumerate_all("select * from Msvm_ComputerSystem"),
              HasSubstr("<p:Caption>仮想マシン</p:Caption>"));
  const auto fault = post(enumerate("select * from Nothing")).body;
  EXPECT_THAT(fault, HasSubstr("xml:lang=\"ja-JP\""));
  EXPECT_THAT(fault, Not(HasSubstr("class does not exist")));
}

TEST_F(WsmanTest, WithoutTheRoleThereIsNoNameSpace) {
  start(one_host("[]", "hvRole: missing"));
  expect_fault(enumerate("select * from Msvm_ComputerSystem"), "n:CannotProcessFilter",
               2'150'858'778);
  EXPECT_THAT(post(enumerate("select * from Msvm_ComputerSystem")).body,
              HasSubstr("<p:StatusCode>2147749902</p:StatusCode>"));
}

struct BuildCase {
  const char* build;
  std::size_t booleans;
};

TEST_F(WsmanTest, TheBuildDecidesWhichSettingsThereAre) {
  for (const BuildCase& c : {BuildCase{"14393", 6}, BuildCase{"17763", 7}, BuildCase{"26100", 8}}) {
    start(one_host("[{name: v}]", std::string("build: ") + c.build));
    EXPECT_EQ(count_of(post(enumerate("select * from Msvm_SecuritySettingData")).body, ">false<"),
              c.booleans)
        << c.build;
  }
}

TEST_F(WsmanTest, AFaultCanStrikeOneMethodOnly) {
  control("POST", "hosts/hv/faults",
          R"({"fault":"drop","when":"before","method":"ModifySecuritySettings","times":1})");
  const Message ask = invoke("Msvm_SecurityService", "GetKeyProtector",
                             {{"CreationClassName", "Msvm_SecurityService"}}, "");
  EXPECT_EQ(post(ask).delivery.silence, Silence::none);
  EXPECT_EQ(post(enumerate("select * from Msvm_ComputerSystem")).delivery.silence, Silence::none);
  EXPECT_EQ(post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE"))).delivery.silence,
            Silence::closed);
  EXPECT_FALSE(host().jobs().is_busy(0)) << "the call had no effect";
}

TEST_F(WsmanTest, FaultsStrikeTheRequestsThatTheyAreFor) {
  control("POST", "hosts/hv/faults",
          R"([{"fault":"soapFault","subcode":"w:TimedOut","code":2150858793,"operation":"get",)"
          R"("class":"Msvm_ConcreteJob","times":1},{"fault":"drop","when":"after","operation":)"
          R"("invoke"},{"fault":"delay","seconds":1.5,"operation":"pull"},)"
          R"({"fault":"httpStatus","code":503,"operation":"release"}])");
  const Message job = get("Msvm_ConcreteJob", {{"InstanceID", "x"}});
  expect_fault(job, "w:TimedOut", 2'150'858'793);
  expect_fault(job, "a:DestinationUnreachable", 2'150'858'752);
  EXPECT_EQ(post(modify(embedded(id_of("dc-01"), "TpmEnabled", "TRUE"))).delivery.silence,
            Silence::closed);
  EXPECT_TRUE(host().jobs().is_busy(0)) << "the call had its effect";
  const auto first = post(enumerate("select * from Msvm_ComputerSystem"));
  EXPECT_EQ(first.delivery.silence, Silence::none);
  EXPECT_EQ(post(pull(between_tags(first.body, "EnumerationContext"))).delivery.delay,
            std::chrono::milliseconds(1'500));
  Message release;
  release.action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
  EXPECT_EQ(post(release).status, 503U);
}

}  // namespace
}  // namespace hvsec::simulator
