#pragma once

#include <string>

#include "reconciler/report.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::report {

struct JsonOptions {
  std::string version;        ///< Of the program.
  ExitCodeOptions exit_code;  ///< The document says the code that the program ends with.
};

/// `report` as `schema/report.v1.schema.json` describes it: every VM and every setting, in an order
/// that does not change from run to run. Handed to `sink` piece by piece: that of a large fleet
/// takes more memory than the report itself.
void write_json(const Report& report, const JsonOptions& options, JsonWriter::Sink sink);

}  // namespace hvsec::report
