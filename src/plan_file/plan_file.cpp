#include "src/plan_file/plan_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "reconciler/wall_time.hpp"
#include "src/plan_file/digest.hpp"

namespace hvsec::plan_file {
namespace {

// Members sorted by name: the digest is over the content, not over how it was laid out.
using Json = nlohmann::json;

constexpr const char* kind = "ChangePlan";

/// What is wrong with a document, on its way to `parse_plan`.
class Malformed : public std::runtime_error {
  using runtime_error::runtime_error;
};

std::string content_digest(Json document) {
  document.erase("digest");
  constexpr int one_line = -1;
  return sha256(document.dump(one_line, ' ', false, Json::error_handler_t::replace));
}

Json to_json(const PlannedSetting& setting) {
  return {{"setting", schema::spec(setting.setting).name},
          {"live", text(setting.live)},
          {"desired", setting.desired},
          {"change", setting.change},
          {"policy", setting.policy},
          {"place", setting.place}};
}

Json to_json(const std::string& host, const VmId& id, const PlannedVm& vm) {
  Json settings = Json::array();
  for (const PlannedSetting& setting : vm.settings) settings.push_back(to_json(setting));
  return {{"host", host},
          {"id", id.guid},
          {"name", vm.name},
          {"powerState", text(vm.power)},
          {"settings", std::move(settings)}};
}

// What `found` is good for; the member is named where it holds something that nobody wrote.
template <class Value>
Value known(std::optional<Value> found, const char* member, const std::string& text) {
  if (!found)
    throw Malformed(std::string(member) + " is \"" + text + "\", which hvsec does not know");
  return *found;
}

WallTime time(const Json& json, const char* member) {
  const auto text = json.at(member).get<std::string>();
  return known(parse_rfc3339(text), member, text);
}

PlannedSetting planned_setting(const Json& json) {
  const auto name = json.at("setting").get<std::string>();
  const SettingSpec* spec = schema::find_setting(name);
  if (spec == nullptr) throw Malformed("setting is \"" + name + "\", which hvsec does not know");
  const auto live = json.at("live").get<std::string>();
  return {.setting = spec->id,
          .live = known(find_value(live), "live", live),
          .desired = json.at("desired").get<bool>(),
          .change = json.at("change").get<bool>(),
          .policy = json.at("policy").get<std::string>(),
          .place = json.at("place").get<std::string>()};
}

void add_vm(const Json& json, ChangePlan& plan) {
  const auto power = json.at("powerState").get<std::string>();
  PlannedVm vm{.name = json.at("name").get<std::string>(),
               .power = known(find_power_state(power), "powerState", power),
               .settings = {}};
  for (const Json& setting : json.at("settings")) vm.settings.push_back(planned_setting(setting));
  const std::pair key(json.at("host").get<std::string>(), VmId{json.at("id").get<std::string>()});
  if (!plan.vms.emplace(key, std::move(vm)).second)
    throw Malformed("the VM " + key.second.guid + " is in it twice");
}

ChangePlan parse(const Json& json) {
  if (json.at("kind").get<std::string>() != kind) throw Malformed("it is no plan of hvsec");
  if (json.at("formatVersion").get<int>() > format_version)
    throw Malformed("a newer hvsec wrote it; use that one");
  if (json.at("digest").get<std::string>() != content_digest(json))
    throw Malformed("it was changed after hvsec wrote it; make a new plan");
  ChangePlan plan{.run = json.at("run").get<std::string>(),
                  .manifest_digest = json.at("manifestDigest").get<std::string>(),
                  .created = time(json, "createdAt"),
                  .expires = time(json, "expiresAt"),
                  .vms = {}};
  for (const Json& vm : json.at("vms")) add_vm(vm, plan);
  return plan;
}

Error named(const std::string& file, const std::string& what) {
  return {ErrorKind::invalid, {}, "the plan " + file + ": " + what};
}

Result<std::string> read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const std::string why =
        std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): at start-up only.
    return fail(named(file, "it cannot be read: " + why));
  }
  std::string content(largest_file + 1, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (stream.bad()) return fail(named(file, "it cannot be read"));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() > largest_file)
    return fail(named(file, "it is larger than " + std::to_string(largest_file >> 20U) +
                                " MiB, which no plan is"));
  return content;
}

}  // namespace

std::string write_plan(const ChangePlan& plan) {
  Json vms = Json::array();
  for (const auto& [key, vm] : plan.vms) vms.push_back(to_json(key.first, key.second, vm));
  Json document = {{"kind", kind},
                   {"formatVersion", format_version},
                   {"run", plan.run},
                   {"manifestDigest", plan.manifest_digest},
                   {"createdAt", rfc3339(plan.created)},
                   {"expiresAt", rfc3339(plan.expires)},
                   {"vms", std::move(vms)}};
  // Once through text, so that the digest is over what a reader will see.
  constexpr int indented = 2;
  document = Json::parse(document.dump(indented, ' ', false, Json::error_handler_t::replace));
  document["digest"] = content_digest(document);
  return document.dump(indented) + "\n";
}

Result<ChangePlan> parse_plan(std::string_view document) {
  try {
    return parse(Json::parse(document));
  } catch (const Malformed& error) {
    return fail(ErrorKind::invalid, error.what());
  } catch (const Json::exception& error) {
    return fail(ErrorKind::invalid, std::string("it is no plan of hvsec: ") + error.what());
  }
}

Result<ChangePlan> load_plan(const std::string& file) {
  const auto content = read_file(file);
  if (!content) return fail(content.error());
  auto plan = parse_plan(*content);
  if (!plan) return fail(named(file, plan.error().detail));
  return plan;
}

}  // namespace hvsec::plan_file
