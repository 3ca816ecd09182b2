#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "schema/documents.hpp"
#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(ValidateTest, CountsWhatIsThere) {
  World world;
  world.hosts["hv-1"];
  world.declare_hosts();
  world.declare_policy();
  const Ran ran = world.run({"validate", "-m", world.manifests()});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "2 documents in 2 files: 1 host, 1 VmSecurity manifest; valid\n");
  EXPECT_EQ(ran.err, "");
}

TEST(ValidateTest, TellsEveryMistakeOfEveryFile) {
  World world;
  world.write("a.yaml", "apiVersion: hvsec/v1\nkind: Hots\nmetadata: {name: a}\nspec: {}\n");
  world.write("b.yaml",
              "apiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: b}\n"
              "spec: {settings: {tpmEnabeld: true, ksdEnabled: yes}}\n");
  const Ran text = world.run({"validate", "-m", world.manifests()});
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(text.out, "");
  EXPECT_THAT(text.err, AllOf(HasSubstr("a.yaml:2:"), HasSubstr("b.yaml:4:"),
                              HasSubstr("tpmEnabled"), HasSubstr("ksdEnabled")));
  const Ran ran = world.run({"validate", "-m", world.manifests(), "-o", "json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "");
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["valid"], false);
  ASSERT_GE(document["errors"].size(), 3U);
  EXPECT_EQ(document["errors"][0]["line"], 2);
  EXPECT_THAT(document["errors"][0]["file"].get<std::string>(), HasSubstr("a.yaml"));
}

std::string waiver(const std::string& name, const std::string& until) {
  return "apiVersion: hvsec/v1\nkind: Waiver\nmetadata: {name: " + name +
         "}\nspec: {select: {}, settings: [tpmEnabled], effect: hold, reason: x, until: " + until +
         "}\n";
}

TEST(ValidateTest, WarnsOfAWaiverThatHasEndedAndIsValidAllTheSame) {
  World world;
  world.declare_policy();
  world.write("old.yaml", waiver("old", "2001-01-31"));
  world.write("new.yaml", waiver("new", "2199-12-31T00:00:00Z"));
  const Ran text = world.run({"validate", "-m", world.manifests()});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "3 documents in 3 files: 0 hosts, 1 VmSecurity manifest, 2 waivers; valid\n");
  EXPECT_EQ(text.err, "warning: " + world.manifests() +
                          "/old.yaml:3:18: Waiver old ended at 2001-02-01 00:00 UTC: it waives "
                          "nothing any more\n");
  const Ran ran = world.run({"validate", "-m", world.manifests(), "-o", "json"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["waivers"], 2);
  EXPECT_EQ(document["valid"], true);
  ASSERT_EQ(document["warnings"].size(), 1U);
  EXPECT_EQ(document["warnings"][0]["kind"], "expiredWaiver");
  EXPECT_EQ(document["warnings"][0]["line"], 3);
}

TEST(ValidateTest, NothingIsNotValid) {
  World world;
  const Ran ran = world.run({"validate", "-m", world.manifests()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err, "");
}

// Four VMs on two hosts with two sets of settings, one name that is hostile, one host's property
// that is missing, and one VM that is being moved.
class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    LiveState tight = World::vm("dc-1", 1);
    tight.settings[SettingId::tpm_enabled] = SettingValue::on;
    LiveState hostile = World::vm("evil\nkind: Host\x1b", 2);
    hostile.settings[SettingId::bind_to_host_tpm] = SettingValue::unsupported;
    hostile.settings[SettingId::ksd_enabled] = SettingValue::unset;
    LiveState same = World::vm("dc-2", 3);
    same.settings[SettingId::tpm_enabled] = SettingValue::on;
    world_.hosts["hv-1"].vms = {tight, hostile};
    world_.hosts["hv-2"].vms = {same, tight};
    hosts_ = world_.write("hosts.yaml", "");
    world_.declare_hosts();
  }

  World world_;
  std::string hosts_;
};

TEST_F(ExportTest, WhatIsExportedIsValidAndInSync) {
  const Ran ran = world_.run({"export", "-m", hosts_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("# evil kind: Host? on hv-1\n"),
                             HasSubstr("name: export-tfffffff\n"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(ran.err, HasSubstr("was seen on a second host, hv-2"));
  const std::string exported = world_.write("export.yaml", ran.out);
  const Ran valid = world_.run({"validate", "-m", world_.manifests()});
  EXPECT_EQ(valid.code, 0) << valid.err;
  EXPECT_THAT(valid.out, HasSubstr("2 VmSecurity manifests"));
  world_.hosts["hv-2"].vms.pop_back();
  const Ran check = world_.run({"check", "-m", hosts_, "-m", exported});
  EXPECT_EQ(check.code, 0) << check.out;
  EXPECT_THAT(check.out, HasSubstr("3 VMs on 2 hosts: 3 in sync;"));
}

TEST_F(ExportTest, IsTheSameEveryTime) {
  EXPECT_EQ(world_.run({"export", "-m", hosts_}).out, world_.run({"export", "-m", hosts_}).out);
}

TEST_F(ExportTest, ADeadHostIsToldAndTheRestExported) {
  world_.hosts["hv-2"].error = Error{ErrorKind::transient, {}, "connection refused"};
  const Ran ran = world_.run({"export", "-m", hosts_});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("hv-2 is not in the export: connection refused"));
  EXPECT_THAT(ran.out, AllOf(HasSubstr("dc-1 on hv-1"), Not(HasSubstr("dc-2"))));
}

TEST_F(ExportTest, CanBeNarrowedDownButNotToNothing) {
  const Ran ran = world_.run({"export", "-m", hosts_, "--vm", "dc-2"});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("dc-2"), Not(HasSubstr("dc-1"))));
  const Ran nothing = world_.run({"export", "-m", hosts_, "--vm", "none"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_EQ(nothing.out, "");
  EXPECT_THAT(nothing.err, HasSubstr("matches --vm"));
}

TEST_F(ExportTest, ManyVmsOfOneKindAreSplitIntoDocumentsThatValidate) {
  for (int number = 100; number < 2300; ++number)
    world_.hosts["hv-1"].vms.push_back(World::vm("vm-" + std::to_string(number), number));
  const Ran ran = world_.run({"export", "-m", hosts_});
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("name: export-ffffffff\n"), HasSubstr("name: export-ffffffff-2\n"),
                    HasSubstr("name: export-ffffffff-3\n")));
  world_.write("export.yaml", ran.out);
  EXPECT_EQ(world_.run({"validate", "-m", world_.manifests()}).code, 0);
}

TEST(ExplainTest, EverySettingIsListedAndExplained) {
  World world;
  const Ran all = world.run({"explain"});
  EXPECT_EQ(all.code, 0);
  for (const SettingSpec& spec : schema::setting_table()) {
    const std::string name(spec.name);
    EXPECT_THAT(all.out, HasSubstr(name));
    EXPECT_THAT(world.run({"explain", name}).out,
                AllOf(HasSubstr(name), HasSubstr(std::string(spec.cim_property))));
  }
  EXPECT_EQ(json::parse(world.run({"explain", "-o", "json"}).out)["settings"].size(),
            setting_count);
  const json one = json::parse(world.run({"explain", "tpmEnabled", "-o", "json"}).out);
  EXPECT_EQ(one["settings"].at(0)["hardToUndo"], false);
  EXPECT_EQ(one["settings"].at(0)["generation"], 2);
}

TEST(ExplainTest, AMistypedNameIsSetRight) {
  World world;
  const Ran ran = world.run({"explain", "tpmEnabeld"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("tpmEnabled"));
}

TEST(SchemaTest, PrintsTheSchemasAsTheyAre) {
  World world;
  EXPECT_EQ(world.run({"schema"}).out, schema::find_document("manifest")->text);
  for (const auto& [document, text] : schema::documents())
    EXPECT_EQ(world.run({"schema", std::string(document)}).out, text) << document;
  EXPECT_EQ(world.run({"schema", "reports"}).code, 1);
}

TEST(VersionTest, IsSaidInTextAndJson) {
  World world;
  const json document = json::parse(world.run({"version", "-o", "json"}).out);
  const std::string line = "hvsec " + document["version"].get<std::string>() + "\n";
  EXPECT_THAT(world.run({"version"}).out, testing::StartsWith(line));
  EXPECT_EQ(world.run({"--version"}).out, world.run({"version"}).out);
  for (const auto& [library, number] : document["libraries"].items())
    EXPECT_NE(number.get<std::string>(), "") << library;
}

}  // namespace
}  // namespace hvsec::test
