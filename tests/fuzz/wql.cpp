#include "src/simulator/wql.hpp"

#include <string>

#include "src/wsman/answer.hpp"
#include "tests/fuzz/fuzz.hpp"

/// A query as the simulator sees it, evaluated over a few values.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hvsec;
  const std::string_view text = fuzz::text_of(data, size);
  // The product asks this of its own queries only; it has to bear any.
  fuzz::require(wsman::queried_class(text).size() <= size);
  const auto query = simulator::parse_wql(text);
  if (!query) return 0;
  fuzz::require(!query->class_name.empty());
  const std::vector<simulator::Value> values = {simulator::Value(), std::string("Microsoft:X"),
                                                true};
  for (const simulator::Value& value : values)
    for (const auto& condition : query->where)
      static_cast<void>(simulator::matches(condition, [&](const std::string&) { return value; }));
  return 0;
}
