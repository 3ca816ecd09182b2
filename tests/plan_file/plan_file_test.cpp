#include "src/plan_file/plan_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hvsec::plan_file {
namespace {

using testing::HasSubstr;

ChangePlan sample() {
  ChangePlan plan;
  plan.run = "20261122T194739Z-5f0c1a2b9d3e";
  plan.manifest_digest = std::string(64, 'a');
  plan.created = WallTime(std::chrono::milliseconds(1'801'390'830'456));
  plan.expires = plan.created + std::chrono::hours(24);
  PlannedVm vm;
  vm.name = "dc \"01\" \xC3\xA4";
  vm.power = PowerState::off;
  vm.settings = {
      {SettingId::tpm_enabled, SettingValue::off, true, true, "baseline", "dc.yaml:14:5"},
      {SettingId::ksd_enabled, SettingValue::unset, true, false, "baseline", "dc.yaml:15:5"}};
  plan.vms[{"hv-01", VmId{"0A0A0A0A-0000-0000-0000-00000000000A"}}] = vm;
  plan.vms[{"hv-02", VmId{"0A0A0A0A-0000-0000-0000-00000000000A"}}] = vm;
  return plan;
}

std::string why_not(const std::string& document) {
  const auto parsed = parse_plan(document);
  return parsed ? "parsed" : parsed.error().detail;
}

TEST(PlanFile, ReadsWhatItWrote) {
  const ChangePlan plan = sample();
  const auto read = parse_plan(write_plan(plan));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->run, plan.run);
  EXPECT_EQ(read->manifest_digest, plan.manifest_digest);
  EXPECT_EQ(read->created, plan.created);
  EXPECT_EQ(read->expires, plan.expires);
  ASSERT_EQ(read->vms.size(), 2U);
  const PlannedVm& vm = read->vms.begin()->second;
  EXPECT_EQ(vm.name, plan.vms.begin()->second.name);
  EXPECT_EQ(vm.power, PowerState::off);
  ASSERT_EQ(vm.settings.size(), 2U);
  EXPECT_EQ(vm.settings[0].setting, SettingId::tpm_enabled);
  EXPECT_EQ(vm.settings[0].live, SettingValue::off);
  EXPECT_TRUE(vm.settings[0].desired);
  EXPECT_TRUE(vm.settings[0].change);
  EXPECT_EQ(vm.settings[0].place, "dc.yaml:14:5");
  EXPECT_EQ(vm.settings[1].live, SettingValue::unset);
  EXPECT_FALSE(vm.settings[1].change);
  EXPECT_EQ(write_plan(*read), write_plan(plan));
}

TEST(PlanFile, ANameThatIsNoUtf8DoesNotBreakIt) {
  ChangePlan plan = sample();
  plan.vms.begin()->second.name = "dc \xFF";
  EXPECT_EQ(why_not(write_plan(plan)), "parsed");
}

TEST(PlanFile, LaidOutAnewItIsTheSamePlan) {
  const auto document = nlohmann::ordered_json::parse(write_plan(sample()));
  EXPECT_EQ(why_not(document.dump()), "parsed");
}

TEST(PlanFile, EveryEditShows) {
  const std::string document = write_plan(sample());
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"change\": false", "\"change\": true"},
                                                        {"\"desired\": true", "\"desired\": false"},
                                                        {"hv-01", "hv-09"},
                                                        {"T", "U"},
                                                        {"2027-02-01", "2037-02-01"}}) {
    std::string edited = document;
    edited.replace(edited.find(from), from.size(), to);
    EXPECT_THAT(why_not(edited), HasSubstr("was changed after hvsec wrote it")) << from;
  }
}

TEST(PlanFile, NoBytesCrashItOrPassForAnotherPlan) {
  const std::string document = write_plan(sample());
  for (std::size_t length = 0; length + 1 < document.size(); length += 7)
    EXPECT_NE(why_not(document.substr(0, length)), "parsed") << length;
  for (std::size_t at = 0; at < document.size(); ++at) {
    std::string edited = document;
    edited[at] = static_cast<char>(edited[at] ^ 1);
    const auto parsed = parse_plan(edited);
    if (parsed) {
      EXPECT_EQ(write_plan(*parsed), document) << at;  // Only white space differs.
    }
  }
}

TEST(PlanFile, SaysWhatItIsNot) {
  for (const char* document :
       {"", "{", "null", "[]", "{}", "{\"kind\": 1}", "{\"kind\": \"Report\"}",
        "{\"kind\": \"ChangePlan\"}", "{\"kind\": \"ChangePlan\", \"formatVersion\": \"1\"}"})
    EXPECT_THAT(why_not(document), HasSubstr("it is no plan of hvsec")) << document;
  EXPECT_THAT(why_not(R"({"kind": "ChangePlan", "formatVersion": 2})"), HasSubstr("newer hvsec"));
  EXPECT_NE(why_not(std::string(100'000, '[')), "parsed");
}

TEST(PlanFile, NamesTheFileThatItCannotUse) {
  const auto missing = load_plan("/no/such/plan.json");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().detail, HasSubstr("the plan /no/such/plan.json: it cannot be read"));
  const std::string file = testing::TempDir() + "hvsec_plan.json";
  std::ofstream(file) << "nonsense";
  const auto nonsense = load_plan(file);
  ASSERT_FALSE(nonsense);
  EXPECT_THAT(nonsense.error().detail, HasSubstr(file + ": it is no plan of hvsec"));
  std::ofstream(file) << write_plan(sample());
  EXPECT_TRUE(load_plan(file));
  std::filesystem::resize_file(file, largest_file + 1);
  const auto large = load_plan(file);
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().detail, HasSubstr("larger than 64 MiB"));
  std::remove(file.c_str());
}

}  // namespace
}  // namespace hvsec::plan_file
