#include "reconciler/suspension.hpp"

#include <string>

#include <gtest/gtest.h>

#include "reconciler/restraint_findings.hpp"
#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using test::at;

struct ScopeCase {
  const char* selector;
  const char* host;
  const char* vm;
};

TEST(SuspensionScopeTest, IsAHostOrAHostAndAVm) {
  for (const auto& [selector, host, vm] :
       {ScopeCase{"hv-ams-01", "hv-ams-01", "*"}, ScopeCase{"hv-ams-*/dc-*", "hv-ams-*", "dc-*"},
        ScopeCase{"*/dc-01", "*", "dc-01"}, ScopeCase{"*", "*", "*"},
        ScopeCase{"hv/dc 01/old", "hv", "dc 01/old"}}) {
    const auto scope = parse_scope(selector);
    ASSERT_TRUE(scope) << selector;
    EXPECT_EQ(scope->host.pattern, host);
    EXPECT_EQ(scope->vm.pattern, vm);
    EXPECT_EQ(text(*scope), selector);
  }
  EXPECT_EQ(text(*parse_scope("hv/*")), "hv");
}

TEST(SuspensionScopeTest, RefusesWhatNamesNothing) {
  for (const std::string& selector :
       {std::string(), std::string("/"), std::string("/dc"), std::string("hv/"),
        std::string("hv\n"), std::string("h\0v", 3), std::string(513, 'h')})
    EXPECT_FALSE(parse_scope(selector)) << selector;
  EXPECT_TRUE(parse_scope(std::string(512, 'h')));
}

TEST(SuspensionScopeTest, CoversAVmByNameOrId) {
  const VmId id{"3B1F2C4D-8E5A-4F60-9B7C-1D2E3F405162"};
  const auto covered = [&](const char* selector) {
    return covers(*parse_scope(selector), "hv-ams-01", "DC-01", id);
  };
  EXPECT_TRUE(covered("hv-ams-01"));
  EXPECT_TRUE(covered("HV-*/dc-0?"));
  EXPECT_TRUE(covered("*/3b1f2c4d-8e5a-4f60-9b7c-1d2e3f405162"));
  EXPECT_FALSE(covered("hv-ber-*"));
  EXPECT_FALSE(covered("hv-ams-01/sql-*"));
  EXPECT_FALSE(covered("dc-01"));
}

TEST(SuspensionTest, HoldsUntilItsEnd) {
  Suspension one;
  EXPECT_TRUE(in_force(one, at(1000h)));
  one.until = at(1h);
  EXPECT_TRUE(in_force(one, at(59min)));
  EXPECT_FALSE(in_force(one, at(1h)));
}

class RestraintFindingsTest : public testing::Test {
 protected:
  RestraintFindingsTest() {
    report_.hosts = {{.name = "hv-ams-01", .endpoint = {}, .error = {}, .vms = {}},
                     {.name = "hv-ber-01", .endpoint = {}, .error = {}, .vms = {}}};
    report_.hosts[0].vms.resize(1);
    report_.hosts[0].vms[0].name = "dc-01";
  }

  /// What is said `age` after the suspension began; empty: nothing.
  std::string said(std::chrono::minutes age, Scope scope = Scope::whole) {
    report_.finished = at(age);
    const auto found = restraint_findings({one_}, report_, scope);
    EXPECT_LE(found.size(), 1U);
    for (const Finding& finding : found) EXPECT_EQ(finding.kind, FindingKind::suspension);
    return found.empty() ? "" : found.front().text;
  }

  bool says(const std::string& words, std::chrono::minutes age) {
    return said(age).find(words) != std::string::npos;
  }

  Report report_;
  Suspension one_{.id = "s1",
                  .scope = {{"hv-ams-*"}, {"dc-*"}},
                  .reason = "new firmware",
                  .until = std::nullopt,
                  .actor = "ann@ops",
                  .at = at(0min)};
};

TEST_F(RestraintFindingsTest, EverySuspensionIsTold) {
  EXPECT_EQ(said(1h), "hv-ams-*/dc-*: changes are " + text(one_));
}

TEST_F(RestraintFindingsTest, AnOldOneNags) {
  EXPECT_FALSE(says("ago", 24h * 7 - 1min));
  EXPECT_TRUE(says("that was 7 days ago, and nothing has been corrected since", 24h * 7));
  EXPECT_TRUE(says("hvsec resume \"hv-ams-*/dc-*\"", 24h * 7));
  EXPECT_TRUE(says("that was 31 days ago", 24h * 31));
}

TEST_F(RestraintFindingsTest, ItsEndIsToldBeforeAndAfter) {
  one_.until = at(24h * 10);
  EXPECT_TRUE(says("If it is over, lift it", 24h * 8));
  EXPECT_TRUE(says("ends soon", 24h * 9));
  EXPECT_TRUE(says("has ended at", 24h * 10));
  EXPECT_TRUE(says("has ended at", 24h * 17 - 1min));
  EXPECT_EQ(said(24h * 17), "");
}

TEST_F(RestraintFindingsTest, OneThatMatchesNothingIsToldAsThat) {
  one_.scope.vm.pattern = "sql-*";
  EXPECT_TRUE(says("no virtual machine that was seen matches it", 1h));
  EXPECT_EQ(said(1h, Scope::narrowed), "");
  report_.hosts[0].error = Error{};
  EXPECT_FALSE(says("no virtual machine", 1h));
}

TEST_F(RestraintFindingsTest, ANarrowedPassTellsThoseThatCoverSomethingInIt) {
  EXPECT_NE(said(1h, Scope::narrowed), "");
}

}  // namespace
}  // namespace hvsec
