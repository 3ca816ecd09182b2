#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/hyperv/cim_session.hpp"
#include "tests/contract/session_world.hpp"

/// What every session with the CIM objects of a host keeps to. A test program instantiates the
/// suite with a type that reaches the hosts of session_world.hpp:
///
///   cim::Session& connect(const Terms& terms);       // Lives as long as the subject.
///   template <class T> Result<T> run(awaitable<Result<T>>);                // To its end.
///   template <class T> Result<T> run_and_cancel(awaitable<Result<T>>);     // Once it waits.
namespace hvsec::contract {

struct Terms {
  const char* host = world_host;
  std::optional<std::size_t> envelope_bytes;         ///< Of an answer.
  std::optional<std::chrono::milliseconds> request;  ///< Patience with one.
};

template <class Subject>
class SessionContract : public testing::Test {
 protected:
  using Instances = std::vector<cim::Instance>;

  static cim::Query query(std::string wql) { return {"root/virtualization/v2", std::move(wql)}; }
  static cim::ObjectPath path(std::string class_name, std::map<std::string, std::string> keys) {
    return {"root/virtualization/v2", std::move(class_name), std::move(keys)};
  }

  cim::Session& session() { return subject.connect(Terms()); }

  Instances enumerate(cim::Session& from, const std::string& wql) {
    auto found = subject.run(from.enumerate(query(wql)));
    EXPECT_TRUE(found) << text(found.error());
    return found ? *std::move(found) : Instances();
  }
  Instances enumerate(const std::string& wql) { return enumerate(session(), wql); }

  Result<cim::Instance> get(cim::ObjectPath of) { return subject.run(session().get(of)); }

  Error error_of(const std::string& wql, std::string name_space = "root/virtualization/v2") {
    const auto found = subject.run(session().enumerate({std::move(name_space), wql}));
    EXPECT_FALSE(found);
    return found ? Error() : found.error();
  }

  static std::set<std::string> texts(const Instances& all, std::string_view property) {
    std::set<std::string> found;
    for (const cim::Instance& each : all)
      found.emplace(each.text(property).value_or("(it has none)"));
    return found;
  }

  /// Calls the service of the one host whose VM may be changed, with the security settings of that
  /// VM as CIM-XML, `property` changed.
  Result<cim::MethodResult> call_service(std::string method, const std::string& property = "") {
    cim::Session& worker =
        subject.connect({.host = worker_host, .envelope_bytes = {}, .request = {}});
    return subject.run(
        worker.invoke(service(worker), std::move(method), settings_of_the_vm(worker, property)));
  }

  cim::ObjectPath service(cim::Session& of) {
    const auto all = enumerate(of, "SELECT * FROM Msvm_SecurityService");
    cim::ObjectPath found = path("Msvm_SecurityService", {});
    if (all.size() != 1) ADD_FAILURE() << all.size() << " services";
    for (const char* key : {"SystemCreationClassName", "SystemName", "CreationClassName", "Name"})
      if (!all.empty()) found.keys.emplace(key, all.front().text(key).value_or(""));
    return found;
  }

  std::vector<cim::Property> settings_of_the_vm(cim::Session& of, const std::string& property) {
    const auto all = enumerate(of, "SELECT InstanceID FROM Msvm_SecuritySettingData");
    EXPECT_EQ(all.size(), 1U);
    const std::string id(all.empty() ? "" : all.front().text("InstanceID").value_or(""));
    std::string xml =
        "<INSTANCE CLASSNAME=\"Msvm_SecuritySettingData\"><PROPERTY "
        "NAME=\"InstanceID\" TYPE=\"string\"><VALUE>" +
        id + "</VALUE></PROPERTY>";
    if (!property.empty())
      xml += "<PROPERTY NAME=\"" + property + "\" TYPE=\"boolean\"><VALUE>TRUE</VALUE></PROPERTY>";
    std::vector<cim::Property> in;
    in.push_back({"SecuritySettingData", xml + "</INSTANCE>"});
    return in;
  }

  static void expect_code(const Error& error, std::int64_t code) {
    EXPECT_EQ(error.kind, ErrorKind::terminal) << text(error);
    EXPECT_EQ(error.code, (ErrorCode{ErrorDomain::wmi, code})) << text(error);
    EXPECT_FALSE(error.detail.empty());
  }

  Subject subject;
};

TYPED_TEST_SUITE_P(SessionContract);

TYPED_TEST_P(SessionContract, SaysWhoTheHostIs) {
  const auto identity = this->subject.run(this->session().identify());
  ASSERT_TRUE(identity) << text(identity.error());
  EXPECT_EQ(identity->product_vendor, "Microsoft Corporation");
  EXPECT_FALSE(identity->product_version.empty());
  EXPECT_FALSE(identity->protocol_version.empty());
}

TYPED_TEST_P(SessionContract, EnumeratesNothing) {
  EXPECT_TRUE(this->enumerate("SELECT * FROM Msvm_ConcreteJob").empty());
}

TYPED_TEST_P(SessionContract, EnumeratesOneObject) {
  const auto all = this->enumerate("SELECT * FROM Msvm_SecurityService");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().class_name, "Msvm_SecurityService");
  EXPECT_TRUE(all.front().text("Name"));
}

TYPED_TEST_P(SessionContract, EnumeratesEveryObjectOnce) {
  constexpr std::size_t expected = many_vms + awkward_names.size() + 1;  // The host itself, too.
  const auto all = this->enumerate("SELECT Name FROM Msvm_ComputerSystem");
  EXPECT_EQ(all.size(), expected);
  EXPECT_EQ(this->texts(all, "Name").size(), expected);
}

TYPED_TEST_P(SessionContract, SmallEnvelopesHoldEverythingInTheEnd) {
  cim::Session& small = this->subject.connect({.envelope_bytes = 20'000, .request = {}});
  const auto all = this->enumerate(small, "SELECT * FROM Msvm_SecuritySettingData");
  EXPECT_EQ(all.size(), many_vms + awkward_names.size());
  // Not EXPECT_EQ, which would print them all.
  EXPECT_TRUE(all == this->enumerate("SELECT * FROM Msvm_SecuritySettingData"));
}

TYPED_TEST_P(SessionContract, GetsWhatItEnumerates) {
  const auto all = this->enumerate("SELECT * FROM Msvm_SecuritySettingData");
  ASSERT_FALSE(all.empty());
  for (const std::size_t place : {std::size_t{0}, all.size() - 1}) {
    const std::string id(all[place].text("InstanceID").value_or(""));
    const auto one = this->get(this->path("Msvm_SecuritySettingData", {{"InstanceID", id}}));
    ASSERT_TRUE(one) << text(one.error());
    EXPECT_TRUE(one->properties == all[place].properties) << id;
  }
}

TYPED_TEST_P(SessionContract, ListsColumnsAlone) {
  const auto all = this->enumerate("SELECT InstanceID, TpmEnabled FROM Msvm_SecuritySettingData");
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front().class_name, "Msvm_SecuritySettingData");
  EXPECT_EQ(all.front().properties.size(), 2U);
  EXPECT_EQ(all.front().boolean("TpmEnabled"), false);
}

TYPED_TEST_P(SessionContract, WhatDoesNotExistIsNotFound) {
  const auto object =
      this->get(this->path("Msvm_SecuritySettingData", {{"InstanceID", "Microsoft:<&>\"'日本"}}));
  ASSERT_FALSE(object);
  this->expect_code(object.error(), cim::wbem_e_not_found);
  const auto class_less = this->get(this->path("Msvm_Unheard", {{"Name", "x"}}));
  ASSERT_FALSE(class_less);
  this->expect_code(class_less.error(), cim::wbem_e_not_found);
  this->expect_code(this->error_of("SELECT * FROM Msvm_Unheard"), cim::wbem_e_not_found);
  const auto called = this->subject.run(this->session().invoke(
      this->path("Msvm_ConcreteJob", {{"InstanceID", "none"}}), "GetErrorEx", {}));
  ASSERT_FALSE(called);
  this->expect_code(called.error(), cim::wbem_e_not_found);
}

TYPED_TEST_P(SessionContract, AMissingNamespaceIsKnownAsSuch) {
  this->expect_code(this->error_of("SELECT * FROM Msvm_ComputerSystem", "root/nowhere"),
                    cim::wbem_e_invalid_namespace);
}

TYPED_TEST_P(SessionContract, ABadQueryIsRefusedWithTheHostsOwnNumber) {
  for (const char* wql : {"SELECT FROM WHERE", "SELECT NoSuchColumn FROM Msvm_ComputerSystem"}) {
    const Error error = this->error_of(wql);
    EXPECT_EQ(error.kind, ErrorKind::terminal) << text(error);
    EXPECT_NE(error.code.domain, ErrorDomain::none) << text(error);
  }
}

TYPED_TEST_P(SessionContract, AMethodAnswersWithItsParameters) {
  const auto result = this->call_service("GetKeyProtector");
  ASSERT_TRUE(result) << text(result.error());
  EXPECT_EQ(result->return_value, 0U);
  EXPECT_THAT(result->out.array("KeyProtector"), testing::ElementsAre("0", "0", "0", "4"));
  EXPECT_EQ(result->out.find("ReturnValue"), nullptr);
}

TYPED_TEST_P(SessionContract, AJobCanBeLookedAtByItsReference) {
  const auto started =
      this->call_service("ModifySecuritySettings", "EncryptStateAndVmMigrationTraffic");
  ASSERT_TRUE(started) << text(started.error());
  ASSERT_EQ(started->return_value, 4096U);
  const cim::ObjectPath* reference = started->out.reference("Job");
  ASSERT_NE(reference, nullptr);
  EXPECT_EQ(reference->class_name, "Msvm_ConcreteJob");
  cim::Session& worker =
      this->subject.connect({.host = worker_host, .envelope_bytes = {}, .request = {}});
  const auto state = this->subject.run(worker.get(*reference));
  ASSERT_TRUE(state) << text(state.error());
  EXPECT_EQ(state->text("InstanceID"), std::string_view(reference->keys.at("InstanceID")));
  EXPECT_TRUE(state->number("JobState"));
}

TYPED_TEST_P(SessionContract, AnUnknownMethodIsRefused) {
  const auto result = this->call_service("MakeCoffee");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::terminal) << text(result.error());
  EXPECT_NE(result.error().code.domain, ErrorDomain::none) << text(result.error());
}

TYPED_TEST_P(SessionContract, EveryTextArrivesAsItIs) {
  const auto all = this->enumerate("SELECT ElementName FROM Msvm_VirtualSystemSettingData");
  const auto found = this->texts(all, "ElementName");
  for (const char* name : awkward_names) EXPECT_TRUE(found.contains(name)) << name;
}

TYPED_TEST_P(SessionContract, EveryTextCanBeAskedFor) {
  for (const char* name : {"日本語の仮想マシン", "Zürich – naïve €5 ☃ 🖥", "two  blanks ]]>"}) {
    const auto all = this->enumerate(
        std::string("SELECT * FROM Msvm_VirtualSystemSettingData WHERE ElementName = '") + name +
        "'");
    ASSERT_EQ(all.size(), 1U) << name;
    EXPECT_EQ(all.front().text("ElementName"), std::string_view(name));
  }
}

TYPED_TEST_P(SessionContract, CallsMayOverlap) {
  using namespace boost::asio::experimental::awaitable_operators;
  cim::Session& session = this->session();
  const auto all = [&]() -> awaitable<Result<std::vector<std::size_t>>> {
    auto vms = session.enumerate(this->query("SELECT Name FROM Msvm_ComputerSystem"));
    auto settings = session.enumerate(this->query("SELECT * FROM Msvm_SecuritySettingData"));
    auto services = session.enumerate(this->query("SELECT * FROM Msvm_SecurityService"));
    const auto [a, b, c, d] = co_await (std::move(vms) && std::move(settings) &&
                                        std::move(services) && session.identify());
    if (!a || !b || !c || !d) co_return fail(ErrorKind::terminal, "one of them failed");
    co_return std::vector<std::size_t>{a->size(), b->size(), c->size()};
  };
  const auto sizes = this->subject.run(all());
  ASSERT_TRUE(sizes) << text(sizes.error());
  const std::size_t vms = many_vms + awkward_names.size();
  EXPECT_EQ(*sizes, (std::vector<std::size_t>{vms + 1, vms, 1}));
}

TYPED_TEST_P(SessionContract, SilenceEndsACall) {
  cim::Session& mute = this->subject.connect(
      {.host = mute_host, .envelope_bytes = {}, .request = std::chrono::seconds(2)});
  const auto job = this->path("Msvm_ConcreteJob", {{"InstanceID", "none"}});
  const auto read = this->subject.run(mute.get(job));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::transient) << text(read.error());
  const auto called = this->subject.run(mute.invoke(job, "GetErrorEx", {}));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, ErrorKind::indeterminate) << text(called.error());
  EXPECT_EQ(this->enumerate(mute, "SELECT Name FROM Msvm_SecurityService").size(), 1U);
}

TYPED_TEST_P(SessionContract, ACancelledCallEndsAtOnceAndTheSessionGoesOn) {
  cim::Session& mute =
      this->subject.connect({.host = mute_host, .envelope_bytes = {}, .request = {}});
  const auto job = this->path("Msvm_ConcreteJob", {{"InstanceID", "none"}});
  ASSERT_EQ(this->enumerate(mute, "SELECT Name FROM Msvm_SecurityService").size(), 1U);
  const auto read = this->subject.run_and_cancel(mute.get(job));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::cancelled) << text(read.error());
  EXPECT_EQ(this->enumerate(mute, "SELECT Name FROM Msvm_SecurityService").size(), 1U);
}

REGISTER_TYPED_TEST_SUITE_P(SessionContract, SaysWhoTheHostIs, EnumeratesNothing,
                            EnumeratesOneObject, EnumeratesEveryObjectOnce,
                            SmallEnvelopesHoldEverythingInTheEnd, GetsWhatItEnumerates,
                            ListsColumnsAlone, WhatDoesNotExistIsNotFound,
                            AMissingNamespaceIsKnownAsSuch, ABadQueryIsRefusedWithTheHostsOwnNumber,
                            AMethodAnswersWithItsParameters, AJobCanBeLookedAtByItsReference,
                            AnUnknownMethodIsRefused, EveryTextArrivesAsItIs,
                            EveryTextCanBeAskedFor, CallsMayOverlap, SilenceEndsACall,
                            ACancelledCallEndsAtOnceAndTheSessionGoesOn);

}  // namespace hvsec::contract
