#include "src/wsman/retry.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace hvsec::wsman {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr ErrorKind transient = ErrorKind::transient;
constexpr ErrorKind terminal = ErrorKind::terminal;

Error failed(ErrorKind kind, ErrorDomain domain, std::int64_t code) {
  return {kind, {domain, code}, "it failed"};
}

Error errno_of(int code) { return failed(transient, ErrorDomain::system, code); }
Error status(unsigned code) { return http_error(code, {}, "Basic", Effect::read); }
Error fault(std::string subcode, std::uint32_t code, std::optional<std::uint32_t> wmi = {}) {
  return to_error(Fault{std::move(subcode), code, wmi, ""}, Effect::read);
}

struct PassesCase {
  const char* name;
  Error error;
  bool passes;
};

const PassesCase passes_cases[] = {
    {"Refused", errno_of(ECONNREFUSED), true},
    {"Reset", errno_of(ECONNRESET), true},
    {"ClosedWithoutAnAnswer", {transient, {}, "closed"}, true},
    {"Silence", errno_of(ETIMEDOUT), false},
    {"NoRoute", errno_of(EHOSTUNREACH), false},
    {"NoSuchName", errno_of(1), false},
    {"Busy", status(503), true},
    {"TooManyRequests", status(429), true},
    {"RequestTimeout", status(408), true},
    {"Broken", status(500), false},
    {"NoGateway", status(502), false},
    {"Unauthorized", status(401), false},
    {"Forbidden", status(403), false},
    {"OperationQuota", fault("InternalError", 2150859174), true},
    {"ShellQuota", fault("QuotaLimit", 2150859173), true},
    {"WmiQuota", fault("InternalError", 0, 0x8004106C), true},
    {"TimedOut", fault("TimedOut", 2150858793), true},
    {"NotAvailable", fault("EndpointUnavailable", 0), true},
    {"AccessDenied", fault("AccessDenied", 5), false},
    {"NotFound", fault("DestinationUnreachable", 0), false},
    {"BadQuery", fault("CannotProcessFilter", 0), false},
    {"TooLarge", fault("EncodingLimit", 2150859025), false},
    {"Certificate", failed(terminal, ErrorDomain::tls, 20), false},
    {"Garbage", {ErrorKind::invalid, {}, "not HTTP"}, false},
    {"Cancelled", {ErrorKind::cancelled, {}, "cancelled"}, false},
    {"Unsure", {ErrorKind::indeterminate, {}, "who knows"}, false},
};

TEST(RetryTest, KnowsWhatPasses) {
  for (const PassesCase& c : passes_cases) EXPECT_EQ(passes(c.error), c.passes) << c.name;
}

TEST(RetryTest, OnlyAReadIsRepeated) {
  const Failure busy{status(503), std::nullopt};
  const Attempt first{.number = 1, .left = 1h, .random = 0.5};
  EXPECT_TRUE(wait_before_retry(busy, Effect::read, Limits(), first));
  EXPECT_FALSE(wait_before_retry(busy, Effect::step, Limits(), first));
  EXPECT_FALSE(wait_before_retry(busy, Effect::change, Limits(), first));
  const Failure silent{errno_of(ETIMEDOUT), std::nullopt};
  EXPECT_FALSE(wait_before_retry(silent, Effect::read, Limits(), first));
}

struct WaitCase {
  const char* name;
  std::size_t number;
  milliseconds left;
  double random;
  std::optional<std::chrono::seconds> retry_after;
  std::optional<milliseconds> wait;
};

const WaitCase wait_cases[] = {
    {"FirstAtLeastHalf", 1, 1h, 0, {}, 125ms},
    {"FirstByChance", 1, 1h, 0.5, {}, 187ms},
    {"SecondIsTwiceAsLong", 2, 1h, 0, {}, 250ms},
    {"Third", 3, 1h, 0, {}, 500ms},
    {"NoFourth", 4, 1h, 0, {}, {}},
    {"AsTheHostAsks", 1, 1h, 0.5, 30s, 30s},
    {"NotBeforeOurOwnPause", 3, 1h, 0.5, 0s, 750ms},
    {"NotBeyondTheCall", 1, 125ms, 0, {}, {}},
    {"StillWithinTheCall", 1, 126ms, 0, {}, 125ms},
    {"TheHostAsksForTooLong", 1, 10s, 0, 10s, {}},
    {"NoTimeLeft", 1, -5ms, 0, {}, {}},
};

TEST(RetryTest, WaitsLongerEachTimeAndGivesUp) {
  for (const WaitCase& c : wait_cases) {
    SCOPED_TRACE(c.name);
    const Failure busy{status(503), c.retry_after};
    const Attempt attempt{.number = c.number, .left = c.left, .random = c.random};
    EXPECT_EQ(wait_before_retry(busy, Effect::read, Limits(), attempt), c.wait);
  }
}

TEST(RetryTest, APauseStaysWithinItsBounds) {
  Limits limits;
  for (const std::size_t number : {1U, 2U, 5U, 10U, 1000U}) {
    for (const double random : {0.0, 0.5, 0.999}) {
      const auto pause = backoff(limits, number, random);
      EXPECT_GE(pause, limits.first_backoff / 2);
      EXPECT_LE(pause, limits.longest_backoff);
    }
  }
  EXPECT_GE(backoff(limits, 1000, 0), limits.longest_backoff / 2);
  limits.first_backoff = 1min;
  EXPECT_LE(backoff(limits, 1, 0.999), limits.longest_backoff);
}

// What a host that is gone costs before the call says so, with every pause at its longest.
TEST(RetryTest, ADeadHostIsGivenUpSoon) {
  milliseconds all{};
  const Failure refused{errno_of(ECONNREFUSED), std::nullopt};
  for (Attempt attempt{.number = 1, .left = 1h, .random = 0.999};; ++attempt.number) {
    const auto wait = wait_before_retry(refused, Effect::read, Limits(), attempt);
    if (!wait) break;
    all += *wait;
  }
  EXPECT_LT(all, 2s);
}

TEST(RetryTest, NoRetriesMeansNone) {
  Limits limits;
  limits.retries = 0;
  const Attempt first{.number = 1, .left = 1h, .random = 0};
  EXPECT_FALSE(wait_before_retry(Failure{status(503), 1s}, Effect::read, limits, first));
}

struct RemedyCase {
  const char* name;
  Error error;
  Remedy enumerate;
  Remedy pull;
};

const RemedyCase remedy_cases[] = {
    {"Lost", errno_of(ECONNRESET), Remedy::give_up, Remedy::start_again},
    {"Silence", errno_of(ETIMEDOUT), Remedy::give_up, Remedy::give_up},
    {"Busy", status(503), Remedy::give_up, Remedy::start_again},
    {"Quota", fault("InternalError", 2150859174), Remedy::give_up, Remedy::start_again},
    {"TimedOut", fault("TimedOut", 2150858793), Remedy::give_up, Remedy::ask_again},
    {"TimedOutWithoutANumber", fault("TimedOut", 0), Remedy::give_up, Remedy::ask_again},
    {"TimedOutByWmi", fault("InternalError", 0, 0x80041069), Remedy::give_up, Remedy::ask_again},
    {"Expired", fault("InvalidEnumerationContext", 0), Remedy::give_up, Remedy::start_again},
    {"ExpiredOnOmi", fault("DestinationUnreachable", 0), Remedy::give_up, Remedy::start_again},
    {"TooLarge", fault("EncodingLimit", 2150858824), Remedy::smaller_batch, Remedy::smaller_batch},
    {"TooLargeByNumber", fault("InternalError", 2150859025), Remedy::smaller_batch,
     Remedy::smaller_batch},
    {"Denied", fault("AccessDenied", 5), Remedy::give_up, Remedy::give_up},
    {"Garbage", {ErrorKind::invalid, {}, "not HTTP"}, Remedy::give_up, Remedy::give_up},
    {"Cancelled", {ErrorKind::cancelled, {}, "cancelled"}, Remedy::give_up, Remedy::give_up},
};

TEST(RetryTest, KnowsTheRemedyOfAnEnumeration) {
  for (const RemedyCase& c : remedy_cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(remedy_of_enumerate(c.error), c.enumerate);
    EXPECT_EQ(remedy_of_pull(c.error), c.pull);
  }
}

}  // namespace
}  // namespace hvsec::wsman
