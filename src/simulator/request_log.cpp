#include "src/simulator/request_log.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "src/simulator/value.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::size_t max_entries = 200'000;

using Json = nlohmann::ordered_json;

Json to_json(const Exchange& exchange) {
  Json entry = {
      {"time", wire_text(exchange.at)},        {"host", exchange.host},
      {"operation", name(exchange.operation)}, {"status", exchange.status},
      {"bytesIn", exchange.bytes_in},          {"bytesOut", exchange.bytes_out},
  };
  if (!exchange.caller.auth.empty()) {
    entry["user"] = exchange.caller.user;
    entry["auth"] = exchange.caller.auth;
    entry["encrypted"] = exchange.caller.encrypted;
  }
  if (!exchange.class_name.empty()) entry["class"] = exchange.class_name;
  if (!exchange.query.empty()) entry["wql"] = exchange.query;
  if (exchange.fault_code != 0) entry["faultCode"] = exchange.fault_code;
  if (exchange.method.empty()) return entry;
  entry["method"] = exchange.method;
  entry["returnValue"] = exchange.return_value;
  if (!exchange.vm.empty()) entry["vm"] = exchange.vm;
  if (exchange.necessity) {
    entry["jobRunning"] = exchange.necessity->job_running;
    entry["changes"] = exchange.necessity->changes;
  }
  if (exchange.values.empty()) return entry;
  Json values = Json::object();
  for (const auto& [property, value] : exchange.values) values[property] = value;
  entry["values"] = std::move(values);
  return entry;
}

// Requests may hold any bytes, and JSON only UTF-8.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<void> RequestLog::open_file(const std::string& file) {
  file_.open(file, std::ios::binary | std::ios::app);
  if (!file_) return fail(ErrorKind::invalid, "the request log " + file + " cannot be written");
  return {};
}

void RequestLog::add(Exchange exchange) {
  auto place = std::ranges::lower_bound(counters_, exchange.host, {},
                                        &std::pair<std::string, Counters>::first);
  if (place == counters_.end() || place->first != exchange.host)
    place = counters_.insert(place, {exchange.host, Counters()});
  ++place->second.of_operation.at(static_cast<std::size_t>(exchange.operation));
  place->second.bytes_in += exchange.bytes_in;
  place->second.bytes_out += exchange.bytes_out;
  if (file_.is_open()) file_ << dumped(to_json(exchange)) << '\n';
  if (entries_.size() == max_entries) entries_.pop_front();
  entries_.push_back(std::move(exchange));
}

void RequestLog::clear() {
  entries_.clear();
  counters_.clear();
}

std::string RequestLog::entries_json(const std::string& host, const std::string& operation) const {
  Json entries = Json::array();
  for (const auto& entry : entries_) {
    const bool wanted = (host.empty() || entry.host == host) &&
                        (operation.empty() || name(entry.operation) == operation);
    if (wanted) entries.push_back(to_json(entry));
  }
  return dumped(entries);
}

std::string RequestLog::counters_json() const {
  Json hosts = Json::object();
  for (const auto& [host, counters] : counters_) {
    Json& entry = hosts[host] = Json::object();
    for (std::size_t operation = 0; operation < operation_count; ++operation)
      entry[std::string(name(static_cast<Operation>(operation)))] =
          counters.of_operation.at(operation);
    entry["bytesIn"] = counters.bytes_in;
    entry["bytesOut"] = counters.bytes_out;
  }
  return dumped(hosts);
}

}  // namespace hvsec::simulator
