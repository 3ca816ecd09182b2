#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "src/wsman/endpoint.hpp"
#include "src/wsman/http.hpp"
#include "src/wsman/message_id.hpp"
#include "src/wsman/request.hpp"

/// The floor under a read of a fleet: sends what hvsec sends, over as many connections, and throws
/// the answers away. All it looks for in them is how to go on.
///
///     hvsec-bench-floor HOSTS_AT_ONCE CA_FILE|- <<< "WQL\nWQL\nWQL\n\nURL\nURL\n..."
namespace {

namespace asio = boost::asio;
namespace wsman = hvsec::wsman;
using asio::ip::tcp;

struct Plan {
  std::vector<std::string> queries;
  std::vector<wsman::Endpoint> hosts;
  std::unique_ptr<asio::ssl::context> tls;  // Null: plain HTTP.
  std::size_t next = 0;                     // The host whose turn it is.
};

std::string post(const wsman::Endpoint& host, std::string body) {
  return wsman::http::serialize({.host = host.authority(),
                                 .path = host.path,
                                 .content_type = "application/soap+xml;charset=UTF-8",
                                 .fields = {},
                                 .body = std::move(body)});
}

template <class Stream>
asio::awaitable<std::string> exchange(Stream& stream, const std::string& request,
                                      std::string& buffer) {
  co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
  buffer.clear();
  auto into = asio::dynamic_buffer(buffer);
  const std::size_t head =
      co_await asio::async_read_until(stream, into, "\r\n\r\n", asio::use_awaitable);
  constexpr std::string_view field = "Content-Length: ";
  const std::size_t at = buffer.find(field);
  const std::size_t size = std::strtoul(buffer.c_str() + at + field.size(), nullptr, 10);
  const std::size_t there = buffer.size();
  buffer.resize(head + size);
  const auto rest = asio::buffer(buffer.data() + there, buffer.size() - there);
  co_await asio::async_read(stream, rest, asio::use_awaitable);
  if (buffer.find("EndOfSequence", head) != buffer.npos) co_return std::string();
  constexpr std::string_view tag = "EnumerationContext>";
  const std::size_t context = buffer.find(tag, head) + tag.size();
  co_return buffer.substr(context, buffer.find('<', context) - context);
}

template <class Stream>
asio::awaitable<void> enumerate(Stream& stream, const wsman::Endpoint& host, std::string wql) {
  constexpr std::uint32_t batch = 32'000;
  wsman::MessageIds ids;
  const auto header = [&] {
    return wsman::RequestHeader{host.url(), ids.next(), 512'000, std::chrono::seconds(58)};
  };
  const hvsec::cim::Query query{"root/virtualization/v2", std::move(wql)};
  std::string buffer;
  std::string request = post(host, *wsman::write_enumerate(header(), query, batch));
  std::string context = co_await exchange(stream, request, buffer);
  while (!context.empty()) {
    request = post(host, *wsman::write_pull(header(), query.name_space, context, batch));
    context = co_await exchange(stream, request, buffer);
  }
}

asio::awaitable<void> run_query(const Plan& plan, wsman::Endpoint host, std::string wql) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  const tcp::endpoint to(asio::ip::make_address(host.host), host.port);
  co_await socket.async_connect(to, asio::use_awaitable);
  if (!plan.tls) {
    co_await enumerate(socket, host, std::move(wql));
    co_return;
  }
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *plan.tls);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_await enumerate(stream, host, std::move(wql));
}

// Takes one host after another; of each, all queries side by side.
void take_hosts(asio::io_context& context, Plan& plan) {
  if (plan.next == plan.hosts.size()) return;
  const wsman::Endpoint host = plan.hosts[plan.next++];
  const auto left = std::make_shared<std::size_t>(plan.queries.size());
  for (const std::string& wql : plan.queries)
    asio::co_spawn(context, run_query(plan, host, wql),
                   [&context, &plan, left](const std::exception_ptr& thrown) {
                     if (thrown) std::rethrow_exception(thrown);
                     if (--*left == 0) take_hosts(context, plan);
                   });
}

Plan read_plan(const std::string& ca_file) {
  Plan plan;
  std::string line;
  while (std::getline(std::cin, line) && !line.empty()) plan.queries.push_back(line);
  while (std::getline(std::cin, line)) {
    auto endpoint = wsman::parse_endpoint(line);
    if (!endpoint) throw std::runtime_error(endpoint.error().detail);
    plan.hosts.push_back(*std::move(endpoint));
  }
  if (ca_file == "-") return plan;
  plan.tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  plan.tls->load_verify_file(ca_file);
  plan.tls->set_verify_mode(asio::ssl::verify_peer);
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  try {
    Plan plan = read_plan(argv[2]);
    asio::io_context context(1);
    for (unsigned long i = std::strtoul(argv[1], nullptr, 10); i > 0; --i)
      take_hosts(context, plan);
    context.run();
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "hvsec-bench-floor: " << failure.what() << '\n';
    return 1;
  }
}
