#include "src/wsman/http.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hvsec::wsman::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::string_body>;

constexpr std::size_t chunk = std::size_t{64} * 1024;
// While an answer is waited for, which many connections do at once: enough for its header, and for
// the whole of a short one. The rest of a long body is read to where it stays.
constexpr std::size_t first_chunk = std::size_t{8} * 1024;
// A service that keeps sending interim answers never sends the real one.
constexpr int most_interim_answers = 8;
// "0", and two line ends. Beast 1.81 asserts that it is handed no less of it, even if a host sends
// it byte by byte; so many bytes always follow where an answer in chunks goes on.
constexpr std::size_t shortest_end_of_chunks = 5;

tl::unexpected<Error> broken(const boost::system::error_code& error, const AnswerLimits& limits) {
  std::string detail = "the answer is not usable HTTP: " + error.message();
  if (error == beast_http::error::body_limit)
    detail = "the answer is longer than " + std::to_string(limits.body_bytes) + " bytes";
  if (error == beast_http::error::header_limit)
    detail = "the answer's header is longer than " + std::to_string(limits.header_bytes) + " bytes";
  return fail(ErrorKind::invalid, std::move(detail));
}

// Retry-After as a number of seconds. A date depends on two clocks, and WinRM sends none.
std::optional<std::chrono::seconds> read_delay(std::string_view text) {
  constexpr std::chrono::seconds longest = std::chrono::hours(24);
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return longest;
  if (error != std::errc()) return std::nullopt;
  return std::min(std::chrono::seconds(seconds), longest);
}

}  // namespace

struct AnswerReader::State {
  AnswerLimits limits;
  boost::beast::flat_buffer buffer;
  std::unique_ptr<Parser> parser;  // One for each message; Beast's cannot start again.
  int interim_answers = 0;
  // A body whose length the header says is read to where it will stay, past the parser, which
  // would copy it twice.
  std::optional<std::size_t> body_left;
  std::string body;
  std::size_t body_here = 0;

  explicit State(AnswerLimits given)
      // The parser consumes a body at once, so that only header and chunk lines pile up here.
      : limits(given), buffer(given.header_bytes + chunk) {
    start();
  }

  void start() {
    parser = std::make_unique<Parser>();
    parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser->body_limit(limits.body_bytes);
  }

  Result<bool> parse();
  void begin_body();
  std::span<char> body_space();
};

std::string serialize(const Request& request) {
  std::string out;
  out.reserve(512 + request.body.size());
  out.append("POST ").append(request.path).append(" HTTP/1.1\r\nHost: ").append(request.host);
  out.append("\r\nUser-Agent: hvsec\r\nContent-Type: ").append(request.content_type);
  out.append("\r\nContent-Length: ").append(std::to_string(request.body.size()));
  for (const Field& field : request.fields)
    out.append("\r\n").append(field.name).append(": ").append(field.value);
  return out.append("\r\n\r\n").append(request.body);
}

AnswerReader::AnswerReader(AnswerLimits limits) : state_(std::make_unique<State>(limits)) {}
AnswerReader::AnswerReader(AnswerReader&&) noexcept = default;
AnswerReader& AnswerReader::operator=(AnswerReader&&) noexcept = default;
AnswerReader::~AnswerReader() = default;

std::span<char> AnswerReader::space() {
  if (state_->body_left) return state_->body_space();
  const std::size_t left = state_->buffer.max_size() - state_->buffer.size();
  const std::size_t wanted = state_->parser->is_header_done() ? chunk : first_chunk;
  const auto space = state_->buffer.prepare(std::min(wanted, left));
  return {static_cast<char*>(space.data()), space.size()};
}

// Written to as the body comes: what a host merely announces is set aside and never touched.
std::span<char> AnswerReader::State::body_space() {
  const std::size_t wanted = std::min(chunk, *body_left);
  if (body.size() < body_here + wanted) body.resize(body_here + wanted);
  return {body.data() + body_here, wanted};
}

// The header is complete. A body in chunks, or of unstated length, is left to the parser.
void AnswerReader::State::begin_body() {
  const auto length = parser->content_length();
  const bool is_final = parser->get().result_int() >= 200;
  if (parser->chunked() || !length || !is_final) {
    parser->eager(true);
    return;
  }
  body_left = static_cast<std::size_t>(*length);
  const auto here = boost::asio::buffer(buffer.data(), *body_left);
  body.reserve(*body_left);
  body.assign(static_cast<const char*>(here.data()), here.size());
  body_here = here.size();
  *body_left -= here.size();
  buffer.consume(here.size());
}

// Feeds the parser with what is buffered, over interim answers.
Result<bool> AnswerReader::State::parse() {
  while (true) {
    const bool in_chunks = parser->is_header_done() && parser->chunked();
    if (in_chunks && buffer.size() < shortest_end_of_chunks) return false;
    boost::system::error_code error;
    const std::size_t used = parser->put(buffer.data(), error);
    buffer.consume(used);
    const bool hungry = error == beast_http::error::need_more;
    if (error && !hungry) return broken(error, limits);
    const bool has_body = parser->is_header_done() && !parser->is_done();
    if (has_body && !parser->eager()) {
      begin_body();
      if (body_left) return *body_left == 0;
      if (buffer.size() > 0) continue;
      return false;
    }
    if (parser->is_done()) {
      if (parser->get().result_int() >= 200) return true;
      if (++interim_answers > most_interim_answers)
        return fail(ErrorKind::invalid, "the host sends interim answers without end");
      start();
      continue;
    }
    if (buffer.size() == buffer.max_size())
      return broken(beast_http::error::buffer_overflow, limits);
    if (hungry || buffer.size() == 0) return false;
  }
}

Result<bool> AnswerReader::received(std::size_t count) {
  if (state_->body_left) {
    state_->body_here += count;
    *state_->body_left -= count;
    return *state_->body_left == 0;
  }
  state_->buffer.commit(count);
  return state_->parse();
}

Result<void> AnswerReader::closed() {
  if (!state_->parser->got_some())
    return fail(ErrorKind::transient, "the host closed the connection without an answer");
  boost::system::error_code error;
  if (!state_->body_left) state_->parser->put_eof(error);
  // Neither an interim answer nor a number that is no status ends an exchange.
  const bool is_final = state_->parser->get().result_int() >= 200;
  if (!error && state_->parser->is_done() && is_final) return {};
  return fail(ErrorKind::transient, "the host closed the connection within its answer");
}

Answer AnswerReader::take() {
  Answer answer;
  // What comes after an answer is nothing we asked for: the connection is not to be trusted.
  answer.keep_alive = state_->parser->keep_alive() && state_->buffer.size() == 0;
  auto message = state_->parser->release();
  answer.status = message.result_int();
  answer.content_type = std::string(message[beast_http::field::content_type]);
  answer.retry_after = read_delay(std::string(message[beast_http::field::retry_after]));
  const auto [first, last] = message.equal_range(beast_http::field::www_authenticate);
  for (auto each = first; each != last; ++each) answer.challenges.emplace_back(each->value());
  answer.body = std::move(state_->body_left ? state_->body : message.body());
  return answer;
}

}  // namespace hvsec::wsman::http
