#include "src/hyperv/cim.hpp"
#include "src/wsman/session.hpp"
