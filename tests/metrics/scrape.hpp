#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/manifests.hpp"
#include "reconciler/report.hpp"

namespace hvsec::test {

/// The samples of a scrape: "name{labels}" as it is written, and its value.
using Samples = std::map<std::string, std::string>;

/// Fails where a line is neither a comment nor a sample, or a series is there twice.
Samples samples(const std::string& scrape);

/// How many of `samples` begin with `text`.
std::size_t count_of(const Samples& samples, const std::string& text);

/// Prometheus' own judgement: fails where `promtool check metrics` has anything to say.
void expect_clean(const std::string& scrape);

/// Manifests that declare these hosts and nothing else.
Manifests declaring(const std::vector<std::string>& hosts);

struct Setting {
  SettingId id = SettingId::tpm_enabled;
  Verdict verdict = Verdict::in_sync;
  Cause cause = Cause::unknown;
};

/// A managed VM; unmanaged without settings.
VmResult vm(const std::string& name, const std::vector<Setting>& settings);

HostResult host(const std::string& name, std::vector<VmResult> vms);
HostResult unreadable(const std::string& name, ErrorKind kind = ErrorKind::transient);

}  // namespace hvsec::test
