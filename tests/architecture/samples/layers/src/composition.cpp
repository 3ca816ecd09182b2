#ifdef _WIN32
#endif
#include "src/hyperv/host.hpp"
#include "src/composition.hpp"
#include "src/simulator/server.hpp"
