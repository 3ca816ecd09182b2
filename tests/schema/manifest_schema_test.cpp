// The JSON Schema says what the table of settings says, and the program carries it unchanged.
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "schema/documents.hpp"
#include "schema/setting_table.hpp"

namespace hvsec::schema {
namespace {

using nlohmann::json;

std::string read(const std::string& name) {
  std::ifstream stream(std::string(HVSEC_SOURCE_DIR) + "/schema/" + name, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

const json& vm_security_properties() {
  static const json document = json::parse(find_document("manifest")->text);
  return document.at("$defs").at("vmSecuritySpec").at("properties");
}

TEST(ManifestSchema, IsCarriedAsItLiesInTheRepository) {
  EXPECT_EQ(find_document("manifest")->text, read("manifest.v1.schema.json"));
  EXPECT_FALSE(find_document("manifest")->text.empty());
}

TEST(ManifestSchema, NamesItself) {
  const json document = json::parse(find_document("manifest")->text);
  EXPECT_EQ(document.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(document.at("$id"), "https://hvsec.dev/schema/manifest.v1.schema.json");
}

TEST(ManifestSchema, HasEverySettingOfTheTableWithItsSentence) {
  const json& settings = vm_security_properties().at("settings").at("properties");
  EXPECT_EQ(settings.size(), setting_table().size());
  for (const SettingSpec& row : setting_table()) {
    const std::string name(row.name);
    ASSERT_TRUE(settings.contains(name)) << name;
    EXPECT_EQ(settings.at(name).at("description"), row.doc) << name;
    EXPECT_EQ(settings.at(name).at("$ref"), "#/$defs/setting") << name;
  }
}

TEST(ManifestSchema, LetsExactlyTheHardToUndoBeAcknowledged) {
  std::set<std::string> hard_to_undo;
  for (const SettingSpec& row : setting_table())
    if (row.hard_to_undo) hard_to_undo.emplace(row.name);
  const json& items =
      vm_security_properties().at("change").at("properties").at("acknowledge").at("items");
  EXPECT_EQ(items.at("enum").get<std::set<std::string>>(), hard_to_undo);
}

// Every key that a manifest can have tells an editor what it is.
void expect_descriptions(const json& node, const std::string& path) {
  if (!node.is_object()) return;
  if (node.value("additionalProperties", json()) == false && node.contains("properties")) {
    for (const auto& [name, property] : node.at("properties").items())
      EXPECT_TRUE(property.contains("description") || property.contains("$ref"))
          << path << "/" << name;
  }
  for (const auto& [key, value] : node.items()) expect_descriptions(value, path + "/" + key);
}

TEST(ManifestSchema, DescribesEveryKey) {
  expect_descriptions(json::parse(find_document("manifest")->text), "");
}

}  // namespace
}  // namespace hvsec::schema
