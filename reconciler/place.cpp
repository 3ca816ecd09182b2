#include "reconciler/place.hpp"

namespace hvsec {

std::string text(const Place& place) {
  if (!place.file) return "";
  return *place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace hvsec
