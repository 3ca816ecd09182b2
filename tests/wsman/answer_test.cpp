#include "src/wsman/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/wsman/fault.hpp"
#include "tests/wsman/sample.hpp"

namespace hvsec::wsman {
namespace {

using test::sample;
using testing::ElementsAre;

Envelope opened(std::string text) {
  auto envelope = open_envelope(std::move(text), xml::Limits());
  EXPECT_TRUE(envelope) << envelope.error().detail;
  return *std::move(envelope);
}

const char* const good_answers[] = {
    "identify.xml",
    "enumerate_first_of_many.xml",
    "pull_last_objects.xml",
    "enumerate_all_fragments.xml",
    "enumerate_job_fragments.xml",
    "pull_job_elements.xml",
    "invoke_job_started.xml",
    "invoke_done.xml",
    "invoke_key_protector.xml",
    "get_service.xml",
    "fault_class_missing.xml",
    "fault_wmi_not_found.xml",
    "fault_wmi_error_quota.xml",
};

// Reads `text` in every way there is; true when any found something.
bool readable(const std::string& text) {
  auto envelope = open_envelope(text, xml::Limits());
  if (!envelope) return false;
  const bool batch = read_batch(*envelope, "A").has_value();
  const bool identity = read_identify(*envelope).has_value();
  const bool instance = read_get(*envelope).has_value();
  const bool method = read_invoke(*envelope, "ModifySecuritySettings").has_value();
  return batch || identity || instance || method || read_fault(*envelope);
}

TEST(AnswerTest, EveryTruncationOfAGoodAnswerIsAnError) {
  for (const char* name : good_answers) {
    const std::string whole = sample(name);
    ASSERT_TRUE(readable(whole)) << name;
    for (std::size_t size = 0; size < whole.size(); ++size)
      ASSERT_FALSE(readable(whole.substr(0, size))) << name << " cut to " << size << " bytes";
  }
}

TEST(AnswerTest, NoSingleBrokenByteDoesHarm) {
  for (const char* name : good_answers) {
    const std::string whole = sample(name);
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const char byte : {'<', '"', '/', ' '}) {
        std::string broken = whole;
        broken[at] = byte;
        // Reading must end and stay within memory; whether it succeeds depends on the place.
        static_cast<void>(readable(broken));
      }
  }
}

TEST(AnswerTest, ReadsIdentify) {
  const auto identity = read_identify(opened(sample("identify.xml")));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->product_vendor, "Microsoft Corporation");
  EXPECT_EQ(identity->product_version, "OS: 10.0.20348 SP: 0.0 Stack: 3.0");
  EXPECT_EQ(identity->protocol_version, "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd");
}

TEST(AnswerTest, TheFirstAnswerMayHoldOneItemOfMany) {
  const auto batch = read_batch(opened(sample("enumerate_first_of_many.xml")), "");
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->end);
  EXPECT_EQ(batch->context, "uuid:CONTEXT-1");
  ASSERT_EQ(batch->items.size(), 1u);
  EXPECT_EQ(batch->items[0].text("ElementName"), "HV-AMS-01");
}

TEST(AnswerTest, ReadsObjectsWithAllKindsOfValues) {
  const auto batch = read_batch(opened(sample("pull_last_objects.xml")), "ignored");
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->end);
  EXPECT_EQ(batch->context, "");
  ASSERT_EQ(batch->items.size(), 2u);
  const cim::Instance& vm = batch->items[0];
  EXPECT_EQ(vm.class_name, "Msvm_ComputerSystem");
  EXPECT_EQ(vm.text("Name"), "6C2F4B5E-3B0E-4B8B-9F7E-0A5F5B3B1C01");
  EXPECT_EQ(vm.text("Caption"), "仮想マシン");
  EXPECT_EQ(vm.number("EnabledState"), 3u);
  EXPECT_EQ(vm.text("InstallDate"), "2025-12-17T09:55:22.702341Z");
  EXPECT_EQ(vm.text("TimeOfLastStateChange"), "P0DT0H0M30S");
  EXPECT_THAT(vm.array("OperationalStatus"), ElementsAre("2"));
  EXPECT_THAT(vm.array("StatusDescriptions"), ElementsAre("正常稼働中", "second"));
  ASSERT_NE(vm.find("OnTimeInMilliseconds"), nullptr);
  EXPECT_EQ(*vm.find("OnTimeInMilliseconds"), cim::Value());
  EXPECT_EQ(vm.find("HwThreadsPerCoreRealized"), nullptr);
}

TEST(AnswerTest, ReadsFragmentsOfAQueryWithAPropertyList) {
  const auto batch = read_batch(opened(sample("enumerate_all_fragments.xml")), "Msvm_S");
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->end);
  ASSERT_EQ(batch->items.size(), 2u);
  const cim::Instance& first = batch->items[0];
  EXPECT_EQ(first.class_name, "Msvm_S");
  EXPECT_EQ(first.text("InstanceID"), "Microsoft:AAAA\\AAAA");
  EXPECT_EQ(first.text("TpmEnabled"), "true");
  EXPECT_EQ(first.text("LastChange"), "2024-01-01T00:00:00Z");
  EXPECT_EQ(*first.find("VirtualizationBasedSecurityOptOut"), cim::Value());
  EXPECT_EQ(batch->items[1].text("TpmEnabled"), "false");
}

TEST(AnswerTest, ReadsTheReferencesOfAnAssociationInBothShapes) {
  const std::string name_space = "root/virtualization/v2";
  const std::string guid = "6C2F4B5E-3B0E-4B8B-9F7E-0A5F5B3B1C01";
  const cim::ObjectPath vm{name_space,
                           "Msvm_ComputerSystem",
                           {{"CreationClassName", "Msvm_ComputerSystem"}, {"Name", guid}}};
  const cim::ObjectPath settings{
      name_space, "Msvm_VirtualSystemSettingData", {{"InstanceID", "Microsoft:" + guid}}};
  const cim::ObjectPath job{
      name_space, "Msvm_ConcreteJob", {{"InstanceID", "0A1B2C3D-0000-4000-8000-000000000001"}}};
  for (const char* name : {"pull_job_elements.xml", "enumerate_job_fragments.xml"}) {
    const auto batch = read_batch(opened(sample(name)), "Msvm_AffectedJobElement");
    ASSERT_TRUE(batch) << name;
    ASSERT_EQ(batch->items.size(), 2u) << name;
    for (const cim::Instance& row : batch->items) {
      EXPECT_EQ(row.class_name, "Msvm_AffectedJobElement") << name;
      ASSERT_NE(row.find("AffectingElement"), nullptr) << name;
      EXPECT_EQ(*row.find("AffectingElement"), cim::Value(job)) << name;
    }
    EXPECT_EQ(*batch->items[0].find("AffectedElement"), cim::Value(vm)) << name;
    EXPECT_EQ(*batch->items[1].find("AffectedElement"), cim::Value(settings)) << name;
  }
}

TEST(AnswerTest, AnItemMayComeWithItsReference) {
  const auto batch = read_batch(
      opened(test::envelope("<n:PullResponse><n:Items><w:Item><A xmlns='urn:x'><B>1</B></A>"
                            "<a:EndpointReference/></w:Item></n:Items></n:PullResponse>")),
      "");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->items.size(), 1u);
  EXPECT_EQ(batch->items[0].class_name, "A");
  EXPECT_EQ(batch->items[0].text("B"), "1");
}

TEST(AnswerTest, TextIsUnescapedAndBooleansAreNormal) {
  const auto service = read_get(opened(sample("get_service.xml")));
  ASSERT_TRUE(service);
  EXPECT_EQ(service->class_name, "Msvm_SecurityService");
  EXPECT_EQ(service->text("ElementName"), "a <b> & <c>");
  EXPECT_EQ(service->text("Started"), "true");
}

TEST(AnswerTest, ANameIsNeverTakenForABoolean) {
  const auto object = read_get(
      opened(test::envelope("<X xmlns='urn:x'><ElementName>TRUE</ElementName><On>TRUE</On></X>")));
  ASSERT_TRUE(object);
  EXPECT_EQ(object->text("ElementName"), "TRUE");
  EXPECT_EQ(object->text("On"), "true");
}

TEST(AnswerTest, AStartedJobIsAReference) {
  const auto result =
      read_invoke(opened(sample("invoke_job_started.xml")), "ModifySecuritySettings");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->return_value, 4096u);
  ASSERT_NE(result->out.find("Job"), nullptr);
  const cim::ObjectPath job{"root/virtualization/v2",
                            "Msvm_ConcreteJob",
                            {{"InstanceID", "0A1B2C3D-0000-4000-8000-000000000001"}}};
  EXPECT_EQ(*result->out.find("Job"), cim::Value(job));
  EXPECT_EQ(result->out.find("ReturnValue"), nullptr);
}

TEST(AnswerTest, AReferenceMayBeWrappedAndStandard) {
  const auto result = read_invoke(
      opened(test::envelope(
          "<p:M_OUTPUT xmlns:p='urn:x'><p:Job><a:EndpointReference><a:Address/>"
          "<a:ReferenceParameters><w:ResourceURI>"
          "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_ConcreteJob"
          "</w:ResourceURI><w:SelectorSet><w:Selector Name='__cimnamespace'>root/x</w:Selector>"
          "<w:Selector Name='InstanceID'>7</w:Selector></w:SelectorSet></a:ReferenceParameters>"
          "</a:EndpointReference></p:Job><p:ReturnValue>4096</p:ReturnValue></p:M_OUTPUT>")),
      "M");
  ASSERT_TRUE(result);
  const cim::ObjectPath job{"root/x", "Msvm_ConcreteJob", {{"InstanceID", "7"}}};
  EXPECT_EQ(*result->out.find("Job"), cim::Value(job));
}

TEST(AnswerTest, AMethodThatIsDoneHasNoJob) {
  const auto result = read_invoke(opened(sample("invoke_done.xml")), "ModifySecuritySettings");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->return_value, 0u);
  EXPECT_EQ(*result->out.find("Job"), cim::Value());
}

TEST(AnswerTest, AnArrayOfNumbersComesBackWhole) {
  const auto result = read_invoke(opened(sample("invoke_key_protector.xml")), "GetKeyProtector");
  ASSERT_TRUE(result);
  EXPECT_THAT(result->out.array("KeyProtector"), ElementsAre("0", "0", "0", "4"));
}

TEST(AnswerTest, AMethodMustReturnANumber) {
  for (const char* value : {"", "<p:ReturnValue/>", "<p:ReturnValue>x</p:ReturnValue>",
                            "<p:ReturnValue>4294967296</p:ReturnValue>"}) {
    const std::string text =
        test::envelope("<p:M_OUTPUT xmlns:p='urn:x'>" + std::string(value) + "</p:M_OUTPUT>");
    EXPECT_FALSE(read_invoke(opened(text), "M")) << value;
  }
  const std::string other = test::envelope("<N_OUTPUT><ReturnValue>0</ReturnValue></N_OUTPUT>");
  EXPECT_FALSE(read_invoke(opened(other), "M"));
}

TEST(AnswerTest, AnAnswerMustRelateToItsRequest) {
  const Envelope answer = opened(test::envelope("<a/>", "uuid:ABC"));
  EXPECT_TRUE(check_relation(answer, "uuid:ABC"));
  EXPECT_TRUE(check_relation(answer, "uuid:abc"));
  EXPECT_FALSE(check_relation(answer, "uuid:ABD"));
  EXPECT_FALSE(check_relation(opened(test::envelope("<a/>", "")), "uuid:ABC"));
}

TEST(AnswerTest, OnlyASoapEnvelopeIsOne) {
  EXPECT_FALSE(open_envelope("<Envelope><Body/></Envelope>", xml::Limits()));
  EXPECT_FALSE(open_envelope("<html><body>Not found</body></html>", xml::Limits()));
  EXPECT_FALSE(open_envelope(
      "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body/></s:Envelope>",
      xml::Limits()));
  EXPECT_FALSE(open_envelope("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>",
                             xml::Limits()));
}

TEST(AnswerTest, TheQueriedClassIsTheWordAfterFrom) {
  EXPECT_EQ(queried_class("select * from Msvm_X"), "Msvm_X");
  EXPECT_EQ(queried_class(" SELECT a,\n b FROM\t Msvm_X WHERE from = 1"), "Msvm_X");
  EXPECT_EQ(queried_class("select * from"), "");
  EXPECT_EQ(queried_class("associators of {x}"), "");
  EXPECT_EQ(queried_class(""), "");
}

}  // namespace
}  // namespace hvsec::wsman
