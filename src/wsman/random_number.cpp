#include "src/wsman/random_number.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace hvsec::wsman {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (getentropy(&number, sizeof number) != 0)
    throw std::system_error(errno, std::generic_category(), "the system has no random numbers");
  return number;
}

}  // namespace hvsec::wsman
