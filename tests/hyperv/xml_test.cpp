#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/hyperv/embedded_instance.hpp"
#include "src/hyperv/msvm_error.hpp"
#include "src/hyperv/text.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using test::guid_a;
using test::security_settings;
using test::set;

Change change(SettingId setting, bool desired) {
  Change change;
  change.setting = setting;
  change.desired = desired;
  return change;
}

cim::Instance small_instance() {
  return {"Msvm_SecuritySettingData",
          {{"Caption", "Security Settings"},
           {"Description", std::monostate()},
           {"InstanceID", R"(Microsoft:0A0A\1)"},
           {"KsdEnabled", "false"},
           {"ShieldingRequested", std::monostate()},
           {"TpmEnabled", "true"}}};
}

TEST(EmbeddedInstance, WritesWhatWasReadWithTheChangesMade) {
  const auto text = embedded_instance(small_instance(), {change(SettingId::ksd_enabled, true),
                                                         change(SettingId::tpm_enabled, false)});
  ASSERT_TRUE(text);
  EXPECT_EQ(
      *text,
      R"(<INSTANCE CLASSNAME="Msvm_SecuritySettingData">)"
      R"(<PROPERTY NAME="Caption" TYPE="string"><VALUE>Security Settings</VALUE></PROPERTY>)"
      R"(<PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Microsoft:0A0A\1</VALUE></PROPERTY>)"
      R"(<PROPERTY NAME="KsdEnabled" TYPE="boolean"><VALUE>TRUE</VALUE></PROPERTY>)"
      R"(<PROPERTY NAME="TpmEnabled" TYPE="boolean"><VALUE>FALSE</VALUE></PROPERTY>)"
      R"(</INSTANCE>)");
}

TEST(EmbeddedInstance, WithoutChangesIsWhatWasRead) {
  const auto text = embedded_instance(small_instance(), {});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find(R"(NAME="TpmEnabled" TYPE="boolean"><VALUE>TRUE<)"), std::string::npos);
  EXPECT_EQ(text->find("Description"), std::string::npos);
  EXPECT_EQ(text->find("ShieldingRequested"), std::string::npos);
}

TEST(EmbeddedInstance, GivesANullPropertyItsValue) {
  const auto text =
      embedded_instance(small_instance(), {change(SettingId::shielding_requested, true)});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find(R"(NAME="ShieldingRequested" TYPE="boolean"><VALUE>TRUE<)"),
            std::string::npos);
}

TEST(EmbeddedInstance, ChangesAPropertyWhateverItsCase) {
  cim::Instance instance = small_instance();
  instance.properties.back().name = "TPMENABLED";
  const auto text = embedded_instance(instance, {change(SettingId::tpm_enabled, false)});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find(R"(NAME="TPMENABLED" TYPE="boolean"><VALUE>FALSE<)"), std::string::npos);
}

TEST(EmbeddedInstance, EscapesXml) {
  cim::Instance instance = small_instance();
  set(instance, "Caption", "<a> & \"b\" ]]>\r\xE4\xBB\xAE");
  const auto text = embedded_instance(instance, {});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("<VALUE>&lt;a&gt; &amp; &quot;b&quot; ]]&gt;&#13;\xE4\xBB\xAE</VALUE>"),
            std::string::npos)
      << *text;
}

TEST(EmbeddedInstance, KnowsTheTypesOfWhatANewerWindowsAdds) {
  cim::Instance instance = small_instance();
  set(instance, "ElementName", "true");
  set(instance, "NewSwitch", "false");
  set(instance, "NewText", "some text");
  const std::vector<std::string> many = {"a", "b"};
  set(instance, "NewList", many);
  const auto text = embedded_instance(instance, {});
  ASSERT_TRUE(text);
  for (const char* part :
       {R"(NAME="ElementName" TYPE="string"><VALUE>true<)",
        R"(NAME="NewSwitch" TYPE="boolean"><VALUE>FALSE<)",
        R"(NAME="NewText" TYPE="string"><VALUE>some text<)",
        R"(<PROPERTY.ARRAY NAME="NewList" TYPE="string"><VALUE.ARRAY><VALUE>a</VALUE><VALUE>b)"})
    EXPECT_NE(text->find(part), std::string::npos) << part;
}

TEST(EmbeddedInstance, RefusesASettingThatTheHostDoesNotHave) {
  const auto text =
      embedded_instance(small_instance(), {change(SettingId::bind_to_host_tpm, true)});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::invalid);
  EXPECT_NE(text.error().detail.find("BindToHostTpm"), std::string::npos);
}

TEST(EmbeddedInstance, RefusesSettingsOfNoVm) {
  cim::Instance instance = small_instance();
  set(instance, "InstanceID", std::monostate());
  EXPECT_FALSE(embedded_instance(instance, {}));
}

std::string embedded_error(const std::string& message) {
  return R"(<INSTANCE CLASSNAME="Msvm_Error"><PROPERTY NAME="CIMStatusCode" TYPE="uint32">)"
         R"(<VALUE>1</VALUE></PROPERTY><PROPERTY NAME="Message" TYPE="string"><VALUE>)" +
         message +
         R"(</VALUE></PROPERTY><PROPERTY NAME="OtherErrorType" TYPE="string"></PROPERTY>)"
         R"(</INSTANCE>)";
}

std::vector<std::string> messages_of(const std::vector<std::string>& embedded_errors) {
  return error_messages(embedded_errors);
}

TEST(ErrorMessages, ReadsThemInTheHostsOrder) {
  const std::vector<std::string> want = {"It failed.", "No key & no lock."};
  EXPECT_EQ(messages_of({embedded_error("It failed."), embedded_error("No key &amp; no lock.")}),
            want);
}

TEST(ErrorMessages, NothingGivesNothing) {
  EXPECT_TRUE(messages_of({}).empty());
  EXPECT_TRUE(messages_of({""}).empty());
}

TEST(ErrorMessages, KeepsWhatItCannotRead) {
  for (const std::string& text :
       {std::string("just words"), std::string("<INSTANCE"), std::string("<OTHER/>"),
        std::string(R"(<INSTANCE CLASSNAME="Msvm_Error"/>)")}) {
    const auto messages = messages_of({text, embedded_error("fine")});
    ASSERT_EQ(messages.size(), 2U) << text;
    EXPECT_EQ(messages[0], text);
    EXPECT_EQ(messages[1], "fine");
  }
}

TEST(ErrorMessages, AreBoundedInNumberLengthAndDepth) {
  const std::vector<std::string> many(1000, embedded_error(std::string(100'000, 'x')));
  const auto messages = error_messages(many);
  EXPECT_LE(messages.size(), 16U);
  for (const std::string& message : messages) EXPECT_LE(message.size(), longest_host_text + 3);

  std::string deep;
  for (int depth = 0; depth < 30'000; ++depth) deep += "<INSTANCE>";
  EXPECT_EQ(messages_of({deep}).size(), 1U);
  std::string huge = embedded_error(std::string(1'000'000, 'x'));
  EXPECT_LE(messages_of({huge}).at(0).size(), longest_host_text + 3);
}

TEST(ErrorMessages, KnowsNoEntitiesOfADocumentType) {
  const auto messages = messages_of(
      {R"(<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>)" + embedded_error("&e;")});
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0], "&e;");
}

}  // namespace
}  // namespace hvsec::hyperv
