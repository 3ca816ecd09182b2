#include "src/wsman/session.hpp"
#include "src/simulator/server.hpp"
#include <boost/asio.hpp>
