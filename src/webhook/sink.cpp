#include "src/webhook/sink.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace hvsec::webhook {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{64} * 1024;

// Nobody reads an answer's body; one without end ends the connection.
std::size_t pass_over(const char* /*bytes*/, std::size_t size, std::size_t count, void* seen) {
  auto& total = *static_cast<std::size_t*>(seen);
  total += size * count;
  return total <= most_answer_bytes ? size * count : 0;
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

long milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

struct Sink::Curl {
  explicit Curl(const CurlLibrary& loaded)
      : library(loaded),
        easy(library.easy_init(), library.easy_cleanup),
        multi(library.multi_init(), library.multi_cleanup) {}

  CurlLibrary library;
  std::unique_ptr<CURL, decltype(library.easy_cleanup)> easy;
  std::unique_ptr<CURLM, decltype(library.multi_cleanup)> multi;
  std::array<char, CURL_ERROR_SIZE> trouble{};
  std::size_t answered = 0;
  std::atomic<bool> interrupted = false;

  template <class Value>
  void set(CURLoption option, Value value) {
    library.easy_setopt(easy.get(), option, value);
  }

  using Fields = std::unique_ptr<curl_slist, decltype(library.slist_free_all)>;
  [[nodiscard]] Fields make_fields(const std::vector<std::string>& lines) const;

  void set_up(const Address& address, const std::string& ca_file, Duration limit);
  CURLcode perform();
  [[nodiscard]] Attempt attempt(CURLcode code) const;
};

Sink::Curl::Fields Sink::Curl::make_fields(const std::vector<std::string>& lines) const {
  Fields fields(nullptr, library.slist_free_all);
  for (const std::string& line : lines)
    fields.reset(library.slist_append(fields.release(), line.c_str()));
  return fields;
}

void Sink::Curl::set_up(const Address& address, const std::string& ca_file, Duration limit) {
  set(CURLOPT_URL, address.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, address.encrypted ? "https" : "http");
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_TIMEOUT_MS, milliseconds(limit));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limit));
  set(CURLOPT_POST, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // Who ends does not wait for a look-up of a name.
  set(CURLOPT_USERAGENT, "hvsec");
  set(CURLOPT_ERRORBUFFER, trouble.data());
  set(CURLOPT_WRITEFUNCTION, &pass_over);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&answered));
  if (!address.encrypted) set(CURLOPT_NOPROXY, "*");  // This machine needs no proxy.
  if (ca_file.empty()) return;
  set(CURLOPT_CAINFO, ca_file.c_str());
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

CURLcode Sink::Curl::perform() {
  constexpr int longest_wait_ms = 1000;
  library.multi_add_handle(multi.get(), easy.get());
  int running = 1;
  while (!interrupted) {
    if (library.multi_perform(multi.get(), &running) != CURLM_OK || running == 0) break;
    library.multi_poll(multi.get(), nullptr, 0, longest_wait_ms, nullptr);
  }
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  int left = 0;
  while (const CURLMsg* message = library.multi_info_read(multi.get(), &left))
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  library.multi_remove_handle(multi.get(), easy.get());
  return code;
}

// A status counts even where the body that follows it is broken off.
Attempt Sink::Curl::attempt(CURLcode code) const {
  Attempt attempt;
  const bool answer_came = code == CURLE_OK || code == CURLE_WRITE_ERROR;
  if (answer_came) library.easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &attempt.status);
  curl_off_t seconds = 0;
  if (answer_came) library.easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &seconds);
  constexpr curl_off_t a_day = 24L * 60 * 60;
  if (seconds > 0) attempt.retry_after = std::chrono::seconds(std::min(seconds, a_day));
  if (attempt.status == 0)
    attempt.trouble =
        printable(trouble[0] == '\0' ? std::string(library.easy_strerror(code)) : trouble.data());
  return attempt;
}

Sink::Sink(const CurlLibrary& curl, const Address& address, const std::string& ca_file,
           Duration limit)
    : curl_(std::make_unique<Curl>(curl)) {
  curl_->set_up(address, ca_file, limit);
}

Sink::~Sink() = default;

Attempt Sink::send(const Post& post) {
  std::vector<std::string> lines = post.fields;
  lines.emplace_back("Content-Type: application/json");
  lines.emplace_back("Expect:");  // No round trip before the body.
  const Curl::Fields fields = curl_->make_fields(lines);
  curl_->set(CURLOPT_HTTPHEADER, fields.get());
  curl_->set(CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
  curl_->set(CURLOPT_POSTFIELDS, post.body.c_str());
  curl_->trouble[0] = '\0';
  curl_->answered = 0;
  return curl_->attempt(curl_->perform());
}

void Sink::interrupt() {
  curl_->interrupted = true;
  curl_->library.multi_wakeup(curl_->multi.get());
}

}  // namespace hvsec::webhook
