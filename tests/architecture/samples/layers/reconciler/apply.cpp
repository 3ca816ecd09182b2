#include "reconciler/apply.hpp"

#include <vector>
#include <thread>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <tl/expected.hpp>
#include <spdlog/spdlog.h>

#include "schema/setting_table.hpp"
#include "src/hyperv/cim.hpp"
