#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/ledger/history.hpp"

/// What the ledger says of a change, as people ask for it.
namespace hvsec::cli {

using ledger::RecordedChange;

/// One setting of a change, and how it ended.
/// Lifetime  Points into the change.
struct RecordedSetting {
  const Change* change = nullptr;
  const SettledSetting* end = nullptr;  ///< Null: not known yet.
};

/// The settings of `recorded`; only those of `only`, unless that is empty.
std::vector<RecordedSetting> settings_of(const RecordedChange& recorded,
                                         const std::vector<SettingId>& only = {});

/// The part of an id that a person needs: "5f0c1a2b9d3e.1" of "20261122T194739Z-5f0c1a2b9d3e.1".
std::string_view short_id(const ChangeId& id);

/// Whether `text` is the id, the short id, or the beginning of one of them.
bool may_name(std::string_view text, const ChangeId& id);

}  // namespace hvsec::cli
