#include "src/simulator/answer_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/status.hpp>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto use_nothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t block_size = 64U << 10U;
constexpr std::size_t chunk_size = 1'000;
constexpr std::uint64_t steps_per_second = 20;
constexpr std::uint32_t garbage_seed = 20'261'122;

// An answer as Windows' own HTTP layer begins it. Without a length it is in chunks.
std::string head_of(const HttpReply& reply, std::optional<std::uint64_t> length, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + ' ' +
                    std::string(http::obsolete_reason(static_cast<http::status>(reply.status))) +
                    "\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Type: " + reply.content_type;
  if (length) {
    out += "\r\nContent-Length: " + std::to_string(*length) + "\r\n";
  } else {
    out += "\r\nTransfer-Encoding: chunked\r\n";
  }
  for (const auto& [name, value] : reply.headers)
    out.append(name).append(": ").append(value) += "\r\n";
  return out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
}

std::string interim_answers(std::uint64_t count) {
  constexpr std::array<std::string_view, 3> kinds = {
      "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: </wsman>\r\n\r\n"};
  std::string out;
  for (std::uint64_t place = 0; place < count; ++place) out += kinds.at(place % kinds.size());
  return out;
}

std::string chunk_of(std::string_view data) {
  std::array<char, 16> size{};
  const auto written = std::to_chars(size.begin(), size.end(), data.size(), 16);
  std::string out(size.begin(), written.ptr);
  return out.append("\r\n").append(data).append("\r\n");
}

std::string chunks_of(std::string_view data) {
  std::string out;
  for (; !data.empty(); data.remove_prefix(std::min(chunk_size, data.size())))
    out += chunk_of(data.substr(0, chunk_size));
  return out;
}

std::string random_bytes(std::uint64_t count) {
  std::mt19937 random(garbage_seed);
  std::string out;
  for (std::uint64_t place = 0; place < count; ++place) out += static_cast<char>(random() & 255U);
  return out;
}

std::uint64_t announced_length(const HttpReply& reply) {
  const auto truth = static_cast<std::int64_t>(reply.body.size() + reply.delivery.filler);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(truth + reply.delivery.length_error, 0));
}

}  // namespace

asio::awaitable<bool> AnswerWriter::write(HttpReply reply, bool keep_alive) {
  const Duration delay = std::exchange(reply.delivery.delay, Duration::zero());
  if (delay > Duration::zero()) co_await pause(delay);
  if (cancelled_) co_return false;
  if (reply.delivery.silence != Silence::none)
    co_return co_await keep_silent(reply.delivery.silence);
  const bool as_it_should_be = reply.delivery == Delivery();
  if (!as_it_should_be) co_return co_await write_badly(std::move(reply), keep_alive);
  std::string bytes = head_of(reply, reply.body.size(), keep_alive);
  bytes.reserve(bytes.size() + reply.body.size());
  bytes += reply.body;
  const bool written = co_await stream_->write(bytes);
  if (written && !keep_alive) co_await stream_->finish();
  co_return written&& keep_alive;
}

void AnswerWriter::cancel() {
  cancelled_ = true;
  pause_.cancel();
}

asio::awaitable<void> AnswerWriter::pause(Duration time) {
  pause_.expires_after(time);
  co_await pause_.async_wait(use_nothrow);
}

asio::awaitable<bool> AnswerWriter::keep_silent(Silence silence) {
  if (silence == Silence::closed) co_return false;
  if (silence == Silence::half_closed) stream_->shut_down_sending();
  std::array<char, 4'096> unheard{};
  while (co_await stream_->read_some(unheard) > 0) {
  }
  co_return false;
}

asio::awaitable<bool> AnswerWriter::write_badly(HttpReply reply, bool keep_alive) {
  const Delivery delivery = reply.delivery;
  left_ = delivery.cut_at.value_or(std::numeric_limits<std::uint64_t>::max());
  if (delivery.garbage) {
    co_await send(random_bytes(*delivery.garbage));
    co_return false;
  }
  // Who waits for what was announced and never comes would wait for ever.
  const bool goes_on = keep_alive && !delivery.close && delivery.length_error <= 0;
  std::optional<std::uint64_t> length;
  if (!delivery.chunked) length = announced_length(reply);
  std::string head = interim_answers(delivery.interim) + head_of(reply, length, goes_on);
  if (!co_await send(std::move(head))) co_return false;
  if (!co_await write_body(std::move(reply))) co_return false;
  if (!goes_on) co_await stream_->finish();
  co_return goes_on;
}

asio::awaitable<bool> AnswerWriter::write_body(HttpReply reply) {
  const Delivery delivery = reply.delivery;
  const std::size_t middle = delivery.filler > 0 ? delivery.filler_at : reply.body.size();
  if (!co_await write_piece(reply.body.substr(0, middle), delivery)) co_return false;
  for (std::uint64_t left = delivery.filler; left > 0;) {
    const std::size_t size = std::min<std::uint64_t>(left, block_size);
    if (!co_await write_piece(std::string(size, ' '), delivery)) co_return false;
    left -= size;
  }
  if (!co_await write_piece(reply.body.substr(middle), delivery)) co_return false;
  if (!delivery.chunked) co_return true;
  std::string last = "0\r\n\r\n";
  co_return co_await send(std::move(last));
}

asio::awaitable<bool> AnswerWriter::write_piece(std::string piece, Delivery delivery) {
  if (piece.empty()) co_return true;
  if (delivery.chunked) piece = chunks_of(piece);
  if (delivery.bytes_per_second == 0) co_return co_await send(std::move(piece));
  co_return co_await write_paced(std::move(piece), delivery.bytes_per_second);
}

asio::awaitable<bool> AnswerWriter::write_paced(std::string bytes, std::uint64_t bytes_per_second) {
  const std::uint64_t step = std::max<std::uint64_t>(bytes_per_second / steps_per_second, 1);
  const std::chrono::duration<double> interval(static_cast<double>(step) /
                                               static_cast<double>(bytes_per_second));
  for (std::size_t place = 0; place < bytes.size(); place += step) {
    if (place > 0) co_await pause(std::chrono::duration_cast<Duration>(interval));
    if (cancelled_ || !co_await send(bytes.substr(place, step))) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> AnswerWriter::send(std::string bytes) {
  const bool cut = bytes.size() >= left_;
  if (cut) bytes.resize(left_);
  left_ -= bytes.size();
  const bool written = bytes.empty() || co_await stream_->write(bytes);
  co_return written && !cut;
}

}  // namespace hvsec::simulator
