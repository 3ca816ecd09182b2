// A webhook that is told what to do, for tests with a real receiver:
//   driver OPTION=VALUE...        the secret is in HVSEC_WEBHOOK_SECRET
// reads a command in each line (notify MESSAGE, notify_all, counts, finish MILLISECONDS) and
// answers each with a line of JSON.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "src/webhook/webhook.hpp"

namespace {

using namespace hvsec;
using nlohmann::json;

Duration milliseconds(const std::string& text) {
  return std::chrono::milliseconds(std::stol(text));
}

void take(webhook::Options& options, const std::string& word) {
  const auto equals = word.find('=');
  const std::string key = word.substr(0, equals);
  const std::string value = word.substr(equals + 1);
  if (key == "url") options.url = value;
  if (key == "ca") options.ca_file = value;
  if (key == "attempt") options.attempt_limit = milliseconds(value);
  if (key == "give_up") options.give_up_after = milliseconds(value);
  if (key == "attempts") options.attempts = static_cast<unsigned>(std::stoul(value));
  if (key == "pause") options.first_pause = options.longest_pause = milliseconds(value);
}

webhook::Event event(webhook::EventType type, const std::string& message) {
  return {.type = type,
          .severity = webhook::Severity::warning,
          .at = std::chrono::system_clock::now(),
          .host = "hv-1",
          .message = message,
          .run = "r1"};
}

void obey(webhook::Webhook& hook, const std::string& line) {
  const auto space = line.find(' ');
  const std::string verb = line.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
  if (verb == "notify") hook.notify(event(webhook::EventType::drift_found, rest));
  if (verb == "notify_all")
    for (const webhook::EventType type : webhook::all_event_types) hook.notify(event(type, rest));
  if (verb == "finish") hook.finish(milliseconds(rest));
}

json state(const webhook::Counts& counts, const std::vector<std::string>& notices) {
  return {{"delivered", counts.delivered},
          {"failed", counts.failed_attempts},
          {"dropped", counts.dropped},
          {"waiting", counts.waiting},
          {"notices", notices}};
}

}  // namespace

int main(int argc, char** argv) {
  webhook::Options options;
  const char* secret = std::getenv("HVSEC_WEBHOOK_SECRET");
  options.secret = secret == nullptr ? "" : secret;
  for (int i = 1; i < argc; ++i) take(options, argv[i]);
  boost::asio::io_context context;
  std::vector<std::string> notices;
  const auto hook =
      webhook::make_webhook(options, context.get_executor(), [&](const webhook::Notice& notice) {
        notices.push_back((notice.trouble ? "trouble: " : "well: ") + notice.message);
      });
  if (!hook) {
    std::cerr << hook.error().detail << '\n';
    return 1;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    obey(**hook, line);
    const webhook::Counts counts = (*hook)->counts();
    context.restart();
    context.poll();  // A count is never ahead of its notice.
    std::cout << state(counts, notices) << std::endl;
  }
  return 0;
}
