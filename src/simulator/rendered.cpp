#include "src/simulator/rendered.hpp"

#include <algorithm>
#include <utility>

namespace hvsec::simulator {
namespace {

// Clients have few questions; one that makes up new ones must not fill the memory.
constexpr std::size_t most_questions = 16;

}  // namespace

bool is_steady(const Projection& projection, const WqlQuery& query) {
  if (projection.shown->exists != nullptr) return false;
  const bool all_steady = std::ranges::all_of(projection.shown->properties, &CimProperty::steady);
  if (all_steady) return true;
  return query.where.empty() && !projection.columns.empty() &&
         std::ranges::all_of(projection.columns, &CimProperty::steady);
}

std::shared_ptr<Rendered> RenderedEnumerations::find(const std::string& question,
                                                     std::uint64_t changes) const {
  const auto found = known_.find(question);
  return found == known_.end() || found->second->changes != changes ? nullptr : found->second;
}

std::shared_ptr<Rendered> RenderedEnumerations::keep(const std::string& question,
                                                     std::uint64_t changes, std::vector<Row> rows) {
  if (known_.size() == most_questions && !known_.contains(question)) known_.clear();
  auto made = std::make_shared<Rendered>();
  made->changes = changes;
  made->items.resize(rows.size());
  made->rows = std::move(rows);
  known_.insert_or_assign(question, made);
  return made;
}

}  // namespace hvsec::simulator
