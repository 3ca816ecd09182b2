#ifdef _WIN32
#endif
#include "src/report/text.hpp"
#include "src/hyperv/host.hpp"
