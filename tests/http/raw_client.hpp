#pragma once

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

namespace hvsec::test {

/// A TCP client that sends what it is told, well-formed or not. Waits at most a minute for
/// anything.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (socket_ >= 0) close(socket_);
  }

  /// False when the other end does not take it any more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void end_sending() { shutdown(socket_, SHUT_WR); }

  /// Whether there is something to receive, be it the end, within `milliseconds`.
  [[nodiscard]] bool hears(int milliseconds) const {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, milliseconds) > 0;
  }

  /// All that comes until the other end closes the connection.
  std::string receive_all() {
    std::string all;
    while (receive_into(all)) continue;
    return all;
  }

  /// One response, whose body has the announced length.
  std::string receive_response() {
    std::string response;
    while (response.size() < length_of(response))
      if (!receive_into(response)) break;
    return response;
  }

 private:
  bool receive_into(std::string& all) {
    std::array<char, 65536> chunk{};
    const ssize_t size = recv(socket_, chunk.data(), chunk.size(), 0);
    if (size > 0) all.append(chunk.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  static std::size_t length_of(const std::string& response) {
    constexpr std::string_view field = "Content-Length: ";
    const auto end = response.find("\r\n\r\n");
    if (end == std::string::npos) return response.size() + 1;
    const auto length = response.find(field);
    return end + 4 + std::stoul(response.substr(length + field.size()));
  }

  int socket_;
};

}  // namespace hvsec::test
