#include "src/simulator/server.hpp"
