#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "reconciler/report.hpp"

namespace hvsec {

/// The changes that earlier runs left open, by host and VM.
class OpenChanges {
 public:
  explicit OpenChanges(std::vector<OpenChange> open);

  /// Of one VM of a host, oldest first.
  [[nodiscard]] std::vector<const OpenChange*> of(const std::string& host, const VmId& vm) const;

  /// Of all VMs of a host but `seen`.
  [[nodiscard]] std::vector<const OpenChange*> of_others(const std::string& host,
                                                         const std::set<VmId>& seen) const;

  /// What a person should know of those that are not among `closed`.
  [[nodiscard]] std::vector<Finding> findings(const Manifests& manifests,
                                              const std::set<ChangeId>& closed) const;

 private:
  using OfHost = std::multimap<VmId, OpenChange>;
  std::map<std::string, OfHost> by_host_;
};

}  // namespace hvsec
