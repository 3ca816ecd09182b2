#pragma once

#include <string>

#include "reconciler/report.hpp"

namespace hvsec::report {

struct JsonOptions {
  std::string version;        ///< Of the program.
  ExitCodeOptions exit_code;  ///< The document says the code that the program ends with.
};

/// `report` as `schema/report.v1.schema.json` describes it: every VM and every setting, in an order
/// that does not change from run to run.
std::string render_json(const Report& report, const JsonOptions& options);

}  // namespace hvsec::report
