#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/simulator/render.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {

/// What an enumeration gives, as it is written into answers.
struct Rendered {
  std::uint64_t changes = 0;  ///< Of the host, when its rows were selected.
  std::vector<Row> rows;
  std::vector<std::string> items;  ///< Beside the rows; empty: nobody has asked for it yet.
};

/// Whether what `projection` shows, of the rows that `query` selects, changes with a VM only.
bool is_steady(const Projection& projection, const WqlQuery& query);

/// The enumerations of one host that were rendered already: what is asked again is rendered once,
/// until a VM changes, so that whoever measures a client does not measure the simulator.
class RenderedEnumerations {
 public:
  /// Null when `question` is new, or the host has changed since.
  [[nodiscard]] std::shared_ptr<Rendered> find(const std::string& question,
                                               std::uint64_t changes) const;
  std::shared_ptr<Rendered> keep(const std::string& question, std::uint64_t changes,
                                 std::vector<Row> rows);

 private:
  std::unordered_map<std::string, std::shared_ptr<Rendered>> known_;
};

}  // namespace hvsec::simulator
