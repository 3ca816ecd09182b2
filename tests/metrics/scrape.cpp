#include "tests/metrics/scrape.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/declare.hpp"

namespace hvsec::test {

Samples samples(const std::string& scrape) {
  Samples found;
  std::istringstream lines(scrape);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP hvsec_") || line.starts_with("# TYPE hvsec_")) continue;
    const std::size_t gap = line.rfind(' ');
    if (!line.starts_with("hvsec_") || gap == std::string::npos) {
      ADD_FAILURE() << "no sample: " << line;
      continue;
    }
    EXPECT_TRUE(found.emplace(line.substr(0, gap), line.substr(gap + 1)).second) << line;
  }
  return found;
}

std::size_t count_of(const Samples& samples, const std::string& text) {
  std::size_t count = 0;
  for (const auto& [series, value] : samples) count += series.starts_with(text) ? 1 : 0;
  return count;
}

void expect_clean(const std::string& scrape) {
  const std::string path =
      testing::TempDir() + "hvsec_metrics_" + std::to_string(getpid()) + ".prom";
  std::ofstream(path, std::ios::binary) << scrape;
  const std::string said = path + ".said";
  const std::string command =
      std::string(HVSEC_PROMTOOL) + " check metrics < '" + path + "' > '" + said + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::ifstream file(said);
  const std::string complaints(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(complaints, "") << scrape.substr(0, 2000);
  std::filesystem::remove(path);
  std::filesystem::remove(said);
}

Manifests declaring(const std::vector<std::string>& hosts) {
  Manifests made;
  made.digest = std::string(64, 'a');
  for (const std::string& name : hosts) made.hosts.push_back(host_manifest(name));
  return made;
}

VmResult vm(const std::string& name, const std::vector<Setting>& settings) {
  VmResult made;
  made.id.guid = "GUID-" + name;
  made.name = name;
  made.managed = !settings.empty();
  for (const Setting& setting : settings) {
    SettingOutcome outcome;
    outcome.setting = setting.id;
    outcome.verdict = setting.verdict;
    outcome.cause = setting.cause;
    made.settings.push_back(outcome);
  }
  return made;
}

HostResult host(const std::string& name, std::vector<VmResult> vms) {
  return {.name = name, .endpoint = "", .error = {}, .vms = std::move(vms)};
}

HostResult unreadable(const std::string& name, ErrorKind kind) {
  return {.name = name, .endpoint = "", .error = Error{kind, {}, "no answer"}, .vms = {}};
}

}  // namespace hvsec::test
