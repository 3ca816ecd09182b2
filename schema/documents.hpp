#pragma once

#include <string_view>

/// The JSON Schemas (2020-12) that describe what hvsec reads and writes, as they lie beside this
/// header, carried in the program itself.
namespace hvsec::schema {

/// schema/manifest.v1.schema.json: one manifest document.
std::string_view manifest_schema();

/// schema/report.v1.schema.json: what `--output json` prints for check, plan and apply.
std::string_view report_schema();

/// schema/history.v1.schema.json: what `--output json` prints for history.
std::string_view history_schema();

/// schema/hosts.v1.schema.json: what `--output json` prints for hosts.
std::string_view hosts_schema();

/// schema/event.v1.schema.json: what `run` posts to a webhook.
std::string_view event_schema();

}  // namespace hvsec::schema
