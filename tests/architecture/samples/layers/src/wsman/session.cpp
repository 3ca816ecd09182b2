#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http.hpp>
#include <yaml-cpp/yaml.h>

#include "reconciler/result.hpp"
#include "src/hyperv/cim.hpp"
#include "src/hyperv/cim_session.hpp"
#include "src/hyperv/host.hpp"
#include "src/wsman/session.hpp"
