#include "src/simulator/raw_log.hpp"

#include <utility>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;

class LoggedStream final : public Stream {
 public:
  LoggedStream(std::unique_ptr<Stream> stream, RawLog& log, std::uint64_t number)
      : stream_(std::move(stream)), log_(&log), number_(number) {}

  asio::awaitable<Code> start() override { return stream_->start(); }
  asio::awaitable<std::size_t> read_some(std::span<char> buffer) override {
    const std::size_t size = co_await stream_->read_some(buffer);
    if (size > 0) log_->add('>', number_, std::string_view(buffer.data(), size));
    co_return size;
  }
  asio::awaitable<bool> write(const std::string& data) override {
    log_->add('<', number_, data);
    co_return co_await stream_->write(data);
  }
  asio::awaitable<void> finish() override { return stream_->finish(); }
  void shut_down_sending() override { stream_->shut_down_sending(); }
  void close() override { stream_->close(); }
  [[nodiscard]] Wire wire() override { return stream_->wire(); }

 private:
  std::unique_ptr<Stream> stream_;
  RawLog* log_;
  std::uint64_t number_;
};

}  // namespace

Result<std::unique_ptr<RawLog>> RawLog::open(const std::string& file) {
  auto log = std::make_unique<RawLog>();
  log->file_.open(file, std::ios::binary | std::ios::app);
  if (!log->file_) return fail(ErrorKind::invalid, "the raw log " + file + " cannot be written");
  return log;
}

std::unique_ptr<Stream> RawLog::listen(std::unique_ptr<Stream> stream) {
  return std::make_unique<LoggedStream>(std::move(stream), *this, ++connections_);
}

void RawLog::add(char direction, std::uint64_t connection, std::string_view bytes) {
  file_ << direction << ' ' << bytes.size() << " conn " << connection << '\n' << bytes << '\n';
  // Whoever has an answer finds it, and what it answers, in the log.
  file_.flush();
}

}  // namespace hvsec::simulator
