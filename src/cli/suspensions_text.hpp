#pragma once

#include <string>
#include <vector>

#include "src/ledger/suspensions.hpp"

namespace hvsec::cli {

using ledger::RecordedSuspension;

/// The part of an id that a person needs: "5f0c1a2b9d3e" of "20261122T194739Z-5f0c1a2b9d3e".
std::string short_id(const Suspension& suspension);

/// How it stands at `now`: "inForce", "ended" or "resumed".
std::string_view state(const RecordedSuspension& recorded, WallTime now);

/// One line about a suspension: its id, what it covers, since when, by whom, until when and why.
std::string suspension_line(const Suspension& suspension);

/// `suspensions`, one per line, and how many there are.
std::string suspensions_text(const std::vector<RecordedSuspension>& suspensions, WallTime now);

/// The same for programs; schema/suspensions.v1.schema.json describes it.
std::string suspensions_json(const std::vector<RecordedSuspension>& suspensions,
                             const std::string& ledger_file, WallTime now);

}  // namespace hvsec::cli
