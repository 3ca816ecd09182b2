#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "src/cli/services.hpp"

namespace hvsec::test {

/// A host made of state: it answers at once, and what it is told to do it does at once.
struct FakeHost {
  std::vector<LiveState> vms;
  std::optional<Error> error;          ///< Of every call.
  std::optional<Error> factory_error;  ///< Of making the way to it.
  std::optional<std::uint32_t> refusal;
  Duration delay{};  ///< Before it tells its VMs.
  HostProbe probe;   ///< What it tells of itself, but for its VMs.
  std::size_t submits = 0;
};

/// What one run of the program printed and returned.
struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

/// Everything around the program: files, variables, a terminal, hosts and a ledger.
class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Runs the program on these words, as a shell would.
  Ran run(const std::vector<std::string>& words);

  /// Writes a file into the folder that `manifests` names, and returns its path.
  std::string write(const std::string& name, const std::string& content);
  [[nodiscard]] const std::string& manifests() const { return folder_; }
  /// A Host manifest for each of `hosts`.
  void declare_hosts();
  /// A VmSecurity manifest that wants tpmEnabled of every VM.
  void declare_policy(const std::string& more_settings = "");

  /// A VM that is off and could be changed in any way, with every setting false.
  static LiveState vm(const std::string& name, int number);

  std::map<std::string, FakeHost> hosts;
  std::map<std::string, std::string> variables;
  platform::Terminal terminal;
  std::vector<Revision> revisions;
  std::optional<int> signal;  ///< That came before the work began.
  std::optional<Error> ledger_error;
  std::vector<LedgerRecord> ledger;
  std::optional<LedgerState> history;
  std::vector<std::string> ledger_files;  ///< That were asked for.
  /// What the ledger holds; empty: there is no such file.
  std::optional<std::vector<ledger::RecordedChange>> recorded;
  ledger::HistoryFilter asked;  ///< What was asked for of it; it is told whole all the same.
  Result<std::optional<ledger::ChainSummary>> chain;
  Result<ledger::PruneSummary> pruned;
  WallTime prune_before;
  std::string pruned_by;
  /// The suspensions on record; empty: there is no ledger.
  std::optional<std::vector<ledger::RecordedSuspension>> suspended;

 private:
  cli::Services services(std::ostream& out, std::ostream& err);
  static cli::Running running();
  cli::History past();
  cli::Pruning pruning();
  cli::Suspending suspending();

  std::string folder_;
};

}  // namespace hvsec::test
