#include <algorithm>

#include "tests/wsman/session_fixture.hpp"

namespace hvsec::wsman::test {
namespace {

std::vector<std::string> actions(const LoopbackServer& server) {
  std::vector<std::string> all;
  for (const Received& request : server.requests()) {
    const std::string uri = text_of(request.body, "a:Action s:mustUnderstand=\"true\"");
    all.push_back(uri.substr(uri.rfind('/') + 1));
  }
  return all;
}

TEST_F(SessionTest, Identifies) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  const auto identity = loop_.run(session_->identify());
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->product_vendor, "Microsoft Corporation");
}

TEST_F(SessionTest, EnumeratesWhatComesInOneAnswer) {
  start([](const Received& request) {
    return Reply{ok(batch("EnumerateResponse", 0, 3, "", true, request.message_id))};
  });
  const auto items = enumerate();
  ASSERT_TRUE(items) << items.error().detail;
  EXPECT_EQ(items->size(), 3u);
  EXPECT_EQ(server_->requests().size(), 1u);
}

// Windows puts one item into the first answer and the rest into the next.
TEST_F(SessionTest, PullsWhatTheFirstAnswerLeftOut) {
  start([](const Received& request) {
    const std::string& id = request.message_id;
    if (request.number == 1) return Reply{ok(batch("EnumerateResponse", 0, 1, "c1", false, id))};
    if (request.number == 2) return Reply{ok(batch("PullResponse", 1, 5, "c2", false, id))};
    return Reply{ok(batch("PullResponse", 6, 2, "", true, id))};
  });
  const auto items = enumerate();
  ASSERT_TRUE(items) << items.error().detail;
  ASSERT_EQ(items->size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ((*items)[i].text("Name"), std::to_string(i));
  EXPECT_EQ(actions(*server_), (std::vector<std::string>{"Enumerate", "Pull", "Pull"}));
  // Always the latest context.
  EXPECT_EQ(text_of(server_->requests()[1].body, "n:EnumerationContext"), "c1");
  EXPECT_EQ(text_of(server_->requests()[2].body, "n:EnumerationContext"), "c2");
}

TEST_F(SessionTest, AnAnswerWithoutANewContextKeepsTheLastOne) {
  start([](const Received& request) {
    const std::string& id = request.message_id;
    if (request.number == 1) return Reply{ok(batch("EnumerateResponse", 0, 1, "c1", false, id))};
    return Reply{ok(batch("PullResponse", 1, 1, "", request.number == 3, id))};
  });
  ASSERT_TRUE(enumerate());
  EXPECT_EQ(text_of(server_->requests()[2].body, "n:EnumerationContext"), "c1");
}

TEST_F(SessionTest, GetsOneObject) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  const auto object = get();
  ASSERT_TRUE(object) << object.error().detail;
  EXPECT_EQ(object->text("Name"), "n");
}

TEST_F(SessionTest, InvokesAMethod) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  const auto result = invoke();
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->return_value, 0u);
  EXPECT_NE(server_->requests()[0].body.find("&lt;INSTANCE/&gt;"), std::string::npos);
}

TEST_F(SessionTest, KeepsTheConnectionForTheNextRequest) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get());
  ASSERT_TRUE(invoke());
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(SessionTest, ClosesWhenTheHostSaysSo) {
  start([](const Received& request) {
    const std::string body = envelope("<X/>", request.message_id);
    return Reply{status(200, body, "Connection: close\r\n")};
  });
  ASSERT_TRUE(get());
  ASSERT_TRUE(get());
  EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(SessionTest, ReadsChunkedAnswers) {
  start([](const Received& request) {
    const std::string body = envelope("<X><Name>chunked</Name></X>", request.message_id);
    std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char c : body) bytes += std::string("1\r\n") + c + "\r\n";
    return Reply{bytes + "0\r\n\r\n"};
  });
  const auto object = get();
  ASSERT_TRUE(object) << object.error().detail;
  EXPECT_EQ(object->text("Name"), "chunked");
}

TEST_F(SessionTest, EveryRequestHasAnIdentifierOfItsOwn) {
  start([](const Received& request) { return Reply{good_answer(request)}; });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(get());
  std::vector<std::string> ids;
  for (const Received& request : server_->requests()) ids.push_back(request.message_id);
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
  EXPECT_TRUE(ids.front().starts_with("uuid:"));
}

TEST_F(SessionTest, TheHostIsToldToGiveUpBeforeWeDo) {
  SessionOptions options;
  options.limits.request = std::chrono::seconds(10);
  start([](const Received& request) { return Reply{good_answer(request)}; }, options);
  ASSERT_TRUE(get());
  EXPECT_EQ(text_of(server_->requests()[0].body, "w:OperationTimeout"), "PT8.000S");
}

TEST_F(SessionTest, BasicCredentialsTravelWithEveryRequest) {
  SessionOptions options;
  options.credentials = BasicCredentials{"svc", Secret("pass:word")};
  options.allow_unencrypted = true;
  start([](const Received& request) { return Reply{good_answer(request)}; }, options);
  ASSERT_TRUE(get());
  ASSERT_TRUE(get());
  for (const Received& request : server_->requests())
    EXPECT_NE(request.head.find("Authorization: Basic c3ZjOnBhc3M6d29yZA==\r\n"),
              std::string::npos);
}

TEST_F(SessionTest, TheObserverSeesEachExchangeAndNoBody) {
  std::vector<Trace> traces;
  SessionOptions options;
  options.observer = [&traces](const Trace& trace) { traces.push_back(trace); };
  start([](const Received& request) { return Reply{good_answer(request)}; }, options);
  ASSERT_TRUE(invoke());
  ASSERT_EQ(traces.size(), 1u);
  EXPECT_EQ(traces[0].operation, "ModifySecuritySettings");
  EXPECT_EQ(traces[0].status, 200u);
  EXPECT_EQ(traces[0].bytes_sent, server_->requests()[0].body.size());
  EXPECT_GT(traces[0].bytes_received, 0u);
  EXPECT_EQ(traces[0].host, "127.0.0.1:" + std::to_string(server_->port()));
}

TEST_F(SessionTest, HoldsBackWhatIsAboveItsLimit) {
  SessionOptions options;
  options.limits.concurrent_requests = 2;
  std::size_t most = 0;
  start(
      [&most](const Received& request) {
        most = std::max(most, request.in_flight);
        return Reply{.bytes = good_answer(request), .turns = 20};
      },
      options);
  std::size_t done = 0;
  for (int i = 0; i < 12; ++i)
    boost::asio::co_spawn(loop_.context(), session_->get(some_path),
                          [&done](std::exception_ptr, const Result<cim::Instance>& got) {
                            EXPECT_TRUE(got);
                            ++done;
                          });
  while (done < 12) loop_.context().run_one();
  EXPECT_EQ(most, 2u);
  EXPECT_EQ(server_->connections(), 2u);
}

struct OptionsCase {
  const char* name;
  SessionOptions options;
  const char* says;
};

std::vector<OptionsCase> bad_options() {
  const Credentials basic = BasicCredentials{"u", Secret("hidden")};
  Limits no_requests, no_time, small_envelope, large_envelope;
  no_requests.concurrent_requests = 0;
  no_time.request = std::chrono::milliseconds(0);
  small_envelope.envelope_bytes = 8191;
  large_envelope.envelope_bytes = large_envelope.answer_bytes + 1;
  const auto make = [](std::string url) { return SessionOptions{.url = std::move(url)}; };
  std::vector<OptionsCase> all = {
      {"NoUrl", make(""), "scheme"},
      {"PlainHttp", make("http://hv"), "in the clear"},
      {"UserInUrl", make("https://u:hidden@hv"), "user name"},
      {"TlsForHttp", make("http://localhost"), "not https"},
      {"NoSuchCaFile", make("https://hv"), "/nowhere/ca.pem"},
      {"EmptyCaFile", make("https://hv"), "/dev/null"},
      {"ShortFingerprint", make("https://hv"), "64 hexadecimal digits"},
      {"StrangeFingerprint", make("https://hv"), "something other"},
      {"NoRequests", make("https://hv"), "concurrentRequests"},
      {"NoTime", make("https://hv"), "time limits"},
      {"SmallEnvelope", make("https://hv"), "8192"},
      {"LargeEnvelope", make("https://hv"), "able to take"},
      {"NoUser", make("https://hv"), "user name"},
      {"ColonInUser", make("https://hv"), "user name"},
      {"BasicInTheClear", make("http://127.0.0.1"), "in the clear"},
      {"BasicInTheClearElsewhere", make("http://10.0.0.1"), "in the clear"},
      {"CertificateInTheClear", make("http://localhost"), "needs https"},
      {"KeytabOfNobody", make("http://hv"), "principal"},
      {"KerberosByAddress", make("http://10.0.0.1"), "servicePrincipal"},
      {"NtlmOfNobody", make("http://hv"), "user name"},
      {"NoSuchCertificate", make("https://hv"), "/nowhere/client.pem"},
  };
  const auto options = [&](std::string_view name) -> SessionOptions& {
    return std::ranges::find(all, name, &OptionsCase::name)->options;
  };
  options("TlsForHttp").tls.fingerprint = std::string(64, 'a');
  options("NoSuchCaFile").tls.ca_file = "/nowhere/ca.pem";
  options("EmptyCaFile").tls.ca_file = "/dev/null";
  options("ShortFingerprint").tls.fingerprint = "AB:CD";
  options("StrangeFingerprint").tls.fingerprint = std::string(64, 'g');
  options("NoRequests").limits = no_requests;
  options("NoTime").limits = no_time;
  options("SmallEnvelope").limits = small_envelope;
  options("LargeEnvelope").limits = large_envelope;
  options("NoUser").credentials = BasicCredentials{"", Secret("hidden")};
  options("ColonInUser").credentials = BasicCredentials{"a:b", Secret("hidden")};
  options("BasicInTheClear").credentials = basic;
  options("BasicInTheClearElsewhere").credentials = basic;
  options("BasicInTheClearElsewhere").allow_unencrypted = true;
  CertificateCredentials certificate;
  certificate.certificate_file = "/nowhere/client.pem";
  options("CertificateInTheClear").credentials = certificate;
  options("NoSuchCertificate").credentials = certificate;
  KerberosCredentials nobody;
  nobody.keytab_file = "/nowhere/keytab";
  options("KeytabOfNobody").credentials = nobody;
  options("KerberosByAddress").credentials = KerberosCredentials();
  options("NtlmOfNobody").credentials = NtlmCredentials{"EXAMPLE", "", Secret("hidden")};
  return all;
}

TEST(SessionOptionsTest, RefusesWhatCannotWorkOrWouldLeak) {
  EventLoop loop;
  for (const OptionsCase& c : bad_options()) {
    SCOPED_TRACE(c.name);
    const auto session = make_session(loop.executor(), c.options);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().kind, ErrorKind::invalid);
    EXPECT_NE(session.error().detail.find(c.says), std::string::npos) << session.error().detail;
    EXPECT_EQ(session.error().detail.find("hidden"), std::string::npos);
  }
}

TEST(SessionOptionsTest, AcceptsWhatIsSafeOrAllowed) {
  EventLoop loop;
  const auto accepts = [&](SessionOptions options) {
    return make_session(loop.executor(), std::move(options)).has_value();
  };
  EXPECT_TRUE(accepts({.url = "https://hv"}));
  EXPECT_TRUE(accepts({.url = "http://localhost:5985"}));
  EXPECT_TRUE(accepts({.url = "http://[::1]:5985"}));
  EXPECT_FALSE(accepts({.url = "http://hv", .allow_unencrypted = true}));
  KerberosCredentials kerberos;
  EXPECT_TRUE(accepts({.url = "http://hv", .credentials = kerberos}));
  kerberos.service_principal = "HTTP/hv.example.com";
  EXPECT_TRUE(accepts({.url = "http://10.0.0.1", .credentials = kerberos}));
  EXPECT_TRUE(accepts({.url = "http://hv", .credentials = NtlmCredentials{"", "u", Secret("p")}}));
  std::string pin = "AB";
  for (int i = 0; i < 31; ++i) pin += ":cd";
  EXPECT_TRUE(accepts({.url = "https://hv", .tls = {.ca_file = "", .fingerprint = pin}}));
}

}  // namespace
}  // namespace hvsec::wsman::test
