#pragma once

#include <string>
#include <string_view>

#include "reconciler/change_plan.hpp"
#include "reconciler/result.hpp"

/// Plans as files. README.md describes the format.
namespace hvsec::plan_file {

/// The version of the format. It changes only together with README.md.
inline constexpr int format_version = 1;

/// What a file may hold at most, in bytes: a plan of some 100,000 VMs.
inline constexpr std::size_t largest_file = std::size_t{64} << 20U;

/// The plan as a JSON document that carries its own digest.
std::string write_plan(const ChangePlan& plan);

/// The plan that `write_plan` wrote so.
/// Errors: `invalid`: it is none, was cut or edited, or a newer hvsec wrote it. The detail is the
/// end of a sentence that begins with the file's name.
Result<ChangePlan> parse_plan(std::string_view document);

/// The plan in `file`.
/// Errors: as above, or the file cannot be read or is too large. The detail names the file.
Result<ChangePlan> load_plan(const std::string& file);

}  // namespace hvsec::plan_file
