#include "src/wsman/session.hpp"
#include "src/simulator/server.hpp"
