#include "reconciler/restraints.hpp"

namespace hvsec {

void Restraints::restrict(const LiveState& live, WallTime /*now*/,
                          std::vector<SettingOutcome>& planned) const {
  mandate.restrict(live.power, planned);
}

}  // namespace hvsec
