#include <algorithm>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "src/wsman/base64.hpp"
#include "tests/wsman/session_fixture.hpp"

/// How a log-on by Negotiate ends with hosts that do not play along, and how often it is tried.
/// Log-ons that succeed are tested with real acceptors: tests/wsman/contract.py, tests/e2e.
namespace hvsec::wsman::test {
namespace {

class LogonTest : public SessionTest {
 protected:
  void start_ntlm(LoopbackServer::Script script) {
    SessionOptions options;
    options.credentials = NtlmCredentials{"EXAMPLE", "svc", Secret("hidden")};
    start(std::move(script), options);
  }

  Error refused() {
    const auto object = get();
    EXPECT_FALSE(object);
    return object ? Error() : object.error();
  }

  [[nodiscard]] std::size_t requests() const { return server_->requests().size(); }
};

Reply unauthorized(const std::string& challenge) {
  return Reply{status(401, "", "WWW-Authenticate: " + challenge + "\r\n")};
}

TEST_F(LogonTest, TheFirstRequestBringsATokenAndNothingElse) {
  start_ntlm([](const Received&) { return unauthorized("Negotiate"); });
  refused();
  ASSERT_EQ(requests(), 1u);
  const Received& first = server_->requests()[0];
  EXPECT_NE(first.head.find("Authorization: Negotiate Y"), std::string::npos) << first.head;
  EXPECT_EQ(first.body, "");
}

TEST_F(LogonTest, ARefusalIsExplainedAndNeverTriedAgain) {
  start_ntlm([](const Received&) { return unauthorized("Negotiate"); });
  for (int i = 0; i < 3; ++i) {
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::terminal);
    EXPECT_EQ(error.code, (ErrorCode{ErrorDomain::http, 401}));
    EXPECT_NE(error.detail.find("refused the user name or the password of EXAMPLE\\svc"),
              std::string::npos)
        << error.detail;
    EXPECT_EQ(error.detail.find("hidden"), std::string::npos);
  }
  EXPECT_EQ(requests(), 1u);
}

TEST_F(LogonTest, AHostWithoutNegotiateIsNamedAsSuch) {
  start_ntlm([](const Received&) { return unauthorized("Basic realm=\"WSMAN\""); });
  const Error error = refused();
  EXPECT_NE(error.detail.find("does not accept Negotiate authentication: it accepts Basic"),
            std::string::npos)
      << error.detail;
  EXPECT_EQ(requests(), 1u);
}

TEST_F(LogonTest, AHostThatProvesNothingIsNotBelieved) {
  start_ntlm([](const Received& request) { return Reply{good_answer(request)}; });
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::terminal);
  EXPECT_NE(error.detail.find("without proving who it is"), std::string::npos) << error.detail;
  EXPECT_EQ(requests(), 1u);
}

TEST_F(LogonTest, TokensThatAreNoneEndTheLogOn) {
  for (const std::string& token : {std::string("?!"), base64("no token of any mechanism")}) {
    start_ntlm([&](const Received&) { return unauthorized("Negotiate " + token); });
    EXPECT_EQ(refused().kind, ErrorKind::terminal);
    EXPECT_EQ(requests(), 1u);
  }
}

TEST_F(LogonTest, ABusyServiceIsWaitedFor) {
  start_ntlm([](const Received& request) {
    return request.number == 1 ? Reply{status(503, "")} : unauthorized("Negotiate");
  });
  EXPECT_EQ(refused().code, (ErrorCode{ErrorDomain::http, 401}));
  EXPECT_EQ(requests(), 2u);
}

TEST_F(LogonTest, CallsThatOverlapAreOneFailedLogOnTogether) {
  SessionOptions options;
  options.credentials = BasicCredentials{"svc", Secret("hidden")};
  options.allow_unencrypted = true;
  start(
      [](const Received&) {
        Reply reply = unauthorized("Basic");
        reply.turns = 20;
        return reply;
      },
      options);
  std::size_t done = 0;
  for (int i = 0; i < 4; ++i)
    boost::asio::co_spawn(loop_.executor(), session_->get(some_path),
                          [&](std::exception_ptr thrown, const Result<cim::Instance>& got) {
                            EXPECT_FALSE(thrown);
                            EXPECT_EQ(got.error().code, (ErrorCode{ErrorDomain::http, 401}));
                            ++done;
                          });
  while (done < 4) loop_.context().run_one();
  EXPECT_EQ(requests(), 1u);
}

TEST_F(LogonTest, OnceLetInCallsRunSideBySide) {
  SessionOptions options;
  options.credentials = BasicCredentials{"svc", Secret("hidden")};
  options.allow_unencrypted = true;
  start(
      [](const Received& request) {
        Reply reply{good_answer(request)};
        reply.turns = 20;
        return reply;
      },
      options);
  std::size_t done = 0;
  for (int i = 0; i < 5; ++i)
    boost::asio::co_spawn(loop_.executor(), session_->get(some_path),
                          [&](std::exception_ptr, const Result<cim::Instance>& got) {
                            EXPECT_TRUE(got);
                            ++done;
                          });
  while (done < 5) loop_.context().run_one();
  const auto& all = server_->requests();
  EXPECT_EQ(all[0].in_flight, 1u);
  EXPECT_EQ(std::ranges::max(all, {}, &Received::in_flight).in_flight, 4u);
}

TEST_F(LogonTest, AForgottenLogOnIsRenewedOnce) {
  SessionOptions options;
  options.credentials = BasicCredentials{"svc", Secret("hidden")};
  options.allow_unencrypted = true;
  start(
      [](const Received& request) {
        return request.number == 2 ? unauthorized("Basic") : Reply{good_answer(request)};
      },
      options);
  EXPECT_TRUE(get());
  EXPECT_TRUE(get());
  EXPECT_EQ(requests(), 3u);
  EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(LogonTest, WhatIsNotKnownYetIsNotClaimed) {
  start_ntlm([](const Received&) { return unauthorized("Negotiate"); });
  EXPECT_EQ(session_->transport().authentication, "");
  refused();
  EXPECT_EQ(session_->transport().authentication, "");
  EXPECT_EQ(session_->transport().encryption, "");
}

}  // namespace
}  // namespace hvsec::wsman::test
