#pragma once

#include <string>
#include <string_view>

#include "reconciler/report.hpp"

namespace hvsec::report {

/// Which pass the words are about: "to change" in a plan is "drifted" in a check.
enum class Command : std::uint8_t { check, plan, apply };

Command command(const Report& report);

/// How a setting, or all VMs of that verdict, came out: "to change", "blocked", "not applied".
std::string_view word(Verdict verdict, Command command);

/// Why the setting came out as it did and what a person can do about it, in whole sentences.
/// Empty where the verdict says it all.
std::string explanation(const SettingOutcome& outcome);

/// What the waiver of a difference says: "Waived until 2027-01-31 00:00 UTC by legacy-dc
/// (waivers.yaml:3): waits for its migration; approved by ...". Empty without one.
std::string waiver_text(const SettingOutcome& outcome);

/// "VM changed" or "manifest changed": why live and manifest differ. Empty where that is not known,
/// or nothing differed.
std::string_view cause_text(const SettingOutcome& outcome);

/// "3 VMs", "1 VM".
std::string counted(std::size_t count, std::string_view noun);

/// "5f0c1a2b9d3e (dirty) of https://git.example.com/fleet": the commit's first digits, and where it
/// is from.
std::string short_text(const Revision& revision);

/// "baseline/dc.yaml:14"; empty for nowhere.
std::string file_and_line(const Place& place);

}  // namespace hvsec::report
