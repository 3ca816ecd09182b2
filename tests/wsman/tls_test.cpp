#include <cstdio>

#include "tests/wsman/certificate.hpp"
#include "tests/wsman/session_fixture.hpp"

namespace hvsec::wsman::test {
namespace {

class TlsTest : public SessionTest {
 protected:
  void TearDown() override {
    std::remove(certificate_.file.c_str());
    std::remove(certificate_.key_file.c_str());
  }

  void serve(Certificate certificate, LoopbackServer::Script script) {
    certificate_ = std::move(certificate);
    server_ = std::make_unique<LoopbackServer>(
        loop_.executor(), std::move(script),
        LoopbackServer::Tls{certificate_.file, certificate_.key_file});
  }

  void serve(Certificate certificate) {
    serve(std::move(certificate),
          [](const Received& request) { return Reply{good_answer(request)}; });
  }

  // Expects the host to be refused, with a sentence that holds `says`, before anything was sent.
  void expect_refused(const SessionOptions& options, std::string_view says) {
    connect(options);
    const auto result = invoke();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::terminal);
    EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
    EXPECT_TRUE(server_->requests().empty());
  }

  SessionOptions trusting() {
    SessionOptions options;
    options.tls.ca_file = certificate_.file;
    return options;
  }

  SessionOptions pinning(std::string fingerprint) {
    SessionOptions options;
    options.tls.fingerprint = std::move(fingerprint);
    return options;
  }

  Certificate certificate_;
};

TEST_F(TlsTest, TrustsWhatTheGivenAuthoritySigned) {
  serve(make_certificate("IP:127.0.0.1"));
  connect(trusting());
  for (int i = 0; i < 3; ++i) {
    const auto object = get();
    ASSERT_TRUE(object) << object.error().detail;
  }
  const auto result = invoke();
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(TlsTest, TrustsAName) {
  serve(make_certificate("DNS:localhost"));
  SessionOptions options = trusting();
  options.url = "https://localhost:" + std::to_string(server_->port()) + "/wsman";
  connect(options);
  const auto object = get();
  EXPECT_TRUE(object) << object.error().detail;
}

TEST_F(TlsTest, RefusesAnUnknownAuthority) {
  serve(make_certificate("IP:127.0.0.1"));
  expect_refused(SessionOptions(), "tls.caFile");
}

TEST_F(TlsTest, RefusesAWrongAddress) {
  serve(make_certificate("IP:127.0.0.2"));
  expect_refused(trusting(), "not for 127.0.0.1");
}

TEST_F(TlsTest, RefusesAWrongName) {
  serve(make_certificate("DNS:hv-ams-01"));
  SessionOptions options = trusting();
  options.url = "https://localhost:" + std::to_string(server_->port()) + "/wsman";
  expect_refused(options, "not for localhost");
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  serve(make_certificate("IP:127.0.0.1", -2, -1));
  expect_refused(trusting(), "expired");
}

TEST_F(TlsTest, RefusesACertificateOfTheFuture) {
  serve(make_certificate("IP:127.0.0.1", 1, 2));
  expect_refused(trusting(), "clocks");
}

TEST_F(TlsTest, APinReplacesAuthorityNameAndExpiry) {
  serve(make_certificate("DNS:other", -2, -1));
  connect(pinning(certificate_.fingerprint));
  const auto object = get();
  EXPECT_TRUE(object) << object.error().detail;
}

TEST_F(TlsTest, AnotherPinIsRefused) {
  serve(make_certificate("IP:127.0.0.1"));
  std::string other = certificate_.fingerprint;
  other.back() = other.back() == '0' ? '1' : '0';
  expect_refused(pinning(other), "not the one in tls.fingerprint");
}

TEST_F(TlsTest, APinIsStricterThanTrust) {
  serve(make_certificate("IP:127.0.0.1"));
  SessionOptions options = trusting();
  options.tls.fingerprint = std::string(64, 'a');
  expect_refused(options, "not the one in tls.fingerprint");
}

TEST_F(TlsTest, AHostWithoutTlsIsExplained) {
  server_ = std::make_unique<LoopbackServer>(loop_.executor(), [](const Received&) {
    return Reply{.bytes = "HTTP/1.1 400 Bad Request\r\n\r\n", .close = true};
  });
  SessionOptions options;
  options.url = "https://127.0.0.1:" + std::to_string(server_->port());
  options.limits.connect = std::chrono::milliseconds(200);
  connect(options);
  const auto object = get();
  ASSERT_FALSE(object);
  // The server waits for a request's end in what is a handshake, until our patience ends.
  EXPECT_EQ(object.error().kind, ErrorKind::transient);
  EXPECT_NE(object.error().detail.find("no connection within"), std::string::npos);
}

TEST_F(TlsTest, AChangeWhoseConnectionIsLostIsIndeterminate) {
  serve(make_certificate("IP:127.0.0.1"),
        [](const Received&) { return Reply{.bytes = "", .close = true}; });
  connect(trusting());
  EXPECT_EQ(get().error().kind, ErrorKind::transient);
  EXPECT_EQ(invoke().error().kind, ErrorKind::indeterminate);
}

// Without TLS's own end a close may be an attacker's.
TEST_F(TlsTest, AnAnswerOfUnstatedLengthMustEndInAnOrderlyWay) {
  serve(make_certificate("IP:127.0.0.1"), [](const Received& request) {
    return Reply{.bytes = "HTTP/1.1 200 OK\r\n\r\n" + envelope("<X/>", request.message_id),
                 .close = true};
  });
  connect(trusting());
  const auto object = get();
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::transient);
}

TEST_F(TlsTest, AnIdleConnectionThatTheHostClosedIsReplaced) {
  serve(make_certificate("IP:127.0.0.1"), [](const Received& request) {
    return Reply{.bytes = good_answer(request), .close = request.number == 1};
  });
  connect(trusting());
  ASSERT_TRUE(get());
  while (server_->open_connections() > 0) loop_.context().run_one();
  const auto result = invoke();
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(TlsTest, ACancelledRequestEndsAtOnce) {
  serve(make_certificate("IP:127.0.0.1"), [](const Received&) { return Reply{.hang = true}; });
  connect(trusting());
  const auto when = [this] { return !server_->requests().empty(); };
  const auto object = loop_.run_and_cancel(session_->get(some_path), when);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ErrorKind::cancelled);
  while (server_->open_connections() > 0) loop_.context().run_one();
}

}  // namespace
}  // namespace hvsec::wsman::test
