#include "src/cli/services.hpp"
#include "src/composition.hpp"
#include "src/hyperv/host.hpp"
#include "src/simulator/server.hpp"
