#include "src/simulator/logon.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/simulator/base64.hpp"
#include "src/simulator/sealed_message.hpp"
#include "tests/simulator/ntlm_client.hpp"

namespace hvsec::simulator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view soap = "application/soap+xml;charset=UTF-8";
constexpr std::string_view protocol = "application/HTTP-SPNEGO-session-encrypted";
constexpr std::string_view mutual =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";
constexpr std::string_view binding = "tls-server-end-point:0123456789abcdef0123456789abcdef";

HttpRequest request(std::string authorization, std::string body = "") {
  HttpRequest made;
  made.method = "POST";
  made.content_type = soap;
  made.authorization = std::move(authorization);
  made.body = std::move(body);
  return made;
}

std::string negotiate(std::string_view token) { return "Negotiate " + base64(token); }

std::vector<std::string> schemes_of(const std::optional<HttpReply>& reply) {
  std::vector<std::string> schemes;
  if (reply)
    for (const auto& [name, value] : reply->headers) schemes.push_back(value);
  return schemes;
}

// Who may come in: alice, by NTLM.
class LogonTest : public testing::Test {
 protected:
  void SetUp() override {
    users_ =
        (std::filesystem::temp_directory_path() / ("hvsec-users-" + std::to_string(::getpid())))
            .string();
    std::ofstream(users_) << "DOMAIN:alice:secret\n";
    auto acquired = GssCredentials::acquire({.keytab = "", .ntlm = false, .ntlm_users = users_});
    ASSERT_TRUE(acquired.has_value()) << acquired.error().detail;
    policy_.gss = std::move(*acquired);
  }
  void TearDown() override { std::filesystem::remove(users_); }

  // The answer to the client's last token, sent with `body`.
  std::optional<HttpReply> log_on(Logon& logon, NtlmClient& client, std::string body = "") {
    HttpRequest first = request(negotiate(client.step()));
    const auto challenge = logon.admit(first);
    EXPECT_EQ(challenge ? challenge->status : 0, 401U);
    const auto schemes = schemes_of(challenge);
    EXPECT_EQ(schemes.size(), 1U);
    if (schemes.empty() || !schemes[0].starts_with("Negotiate ")) return challenge;
    const auto token = base64_decoded(schemes[0].substr(10));
    EXPECT_TRUE(token.has_value());
    last_ = request(negotiate(client.step(token.value_or(""))), std::move(body));
    return logon.admit(last_);
  }

  static HttpRequest sealed(NtlmClient& client, const std::string& plain) {
    const std::string both = client.seal(plain);
    HttpRequest made = request("", write_sealed({.protocol = std::string(protocol),
                                                 .content_type = std::string(soap),
                                                 .length = plain.size(),
                                                 .signature = both.substr(0, 16),
                                                 .data = both.substr(16)}));
    made.content_type = sealed_content_type(protocol);
    return made;
  }

  static std::string opened(NtlmClient& client, const HttpReply& reply) {
    const auto read = read_sealed(reply.content_type, reply.body);
    return read ? client.open(read->signature + read->data) : std::string();
  }

  std::string users_;
  LogonPolicy policy_;
  HttpRequest last_;
};

TEST_F(LogonTest, AsksForWhatIsEnabled) {
  policy_.basic = "user:secret";
  Logon logon(policy_, {});
  HttpRequest asked = request("");
  EXPECT_THAT(schemes_of(logon.admit(asked)), ElementsAre("Negotiate", "Basic realm=\"WSMAN\""));
  EXPECT_THAT(logon.profiles(), ElementsAre("http/basic", "http/spnego-kerberos"));
  // There is no keytab.
  asked = request("Kerberos YII=");
  EXPECT_EQ(logon.admit(asked)->status, 401U);
}

TEST_F(LogonTest, MessagesOfASessionAreOpenedAndAnswersSealed) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  const auto done = log_on(logon, client);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, 200U);
  EXPECT_THAT(done->body, IsEmpty());
  for (const std::string text : {"one", "two, which is longer"}) {
    HttpRequest message = sealed(client, text);
    EXPECT_FALSE(logon.admit(message).has_value());
    EXPECT_EQ(message.body, text);
    EXPECT_EQ(message.content_type, soap);
    EXPECT_EQ(logon.caller().user, "DOMAIN\\alice");
    EXPECT_EQ(logon.caller().auth, "NTLM");
    EXPECT_TRUE(logon.caller().encrypted);
    HttpReply reply;
    reply.body = "answer to " + text;
    logon.seal(reply);
    EXPECT_EQ(reply.content_type, sealed_content_type(protocol));
    EXPECT_EQ(opened(client, reply), "answer to " + text);
  }
}

TEST_F(LogonTest, AWrongPasswordIsRefusedAndTheConnectionCanTryAgain) {
  Logon logon(policy_, {});
  for (const char* user : {"DOMAIN\\alice", "DOMAIN\\nobody"}) {
    NtlmClient client(user, "wrong");
    const auto refused = log_on(logon, client);
    EXPECT_EQ(refused ? refused->status : 0, 401U);
    EXPECT_THAT(schemes_of(refused), ElementsAre("Negotiate"));
    EXPECT_FALSE(logon.knows_caller());
  }
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
}

TEST_F(LogonTest, TokensThatAreNoneAreRefused) {
  Logon logon(policy_, {});
  for (const char* token : {"", " ", "Zg", "====", "AAAA", "TlRMTVNTUAAD", "%%%%"}) {
    HttpRequest asked = request(std::string("Negotiate ") + token);
    const auto refused = logon.admit(asked);
    EXPECT_THAT(schemes_of(refused), ElementsAre("Negotiate")) << token;
  }
}

TEST_F(LogonTest, AMessageInTheClearIsRefusedAndTheSessionGoesOn) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest clear = request("", "<x/>");
  EXPECT_EQ(logon.admit(clear)->status, 401U);
  HttpRequest message = sealed(client, "text");
  EXPECT_FALSE(logon.admit(message).has_value());
}

TEST_F(LogonTest, AMessageInTheClearMayBeAllowedAndComeWithTheLastToken) {
  policy_.allow_unencrypted = true;
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_FALSE(log_on(logon, client, "<x/>").has_value());
  EXPECT_EQ(last_.body, "<x/>");
  EXPECT_FALSE(logon.caller().encrypted);
  HttpReply reply;
  reply.body = "<y/>";
  logon.seal(reply);
  EXPECT_EQ(reply.body, "<y/>");
}

TEST_F(LogonTest, ABrokenMessageIsRefused) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest message = sealed(client, "text");
  HttpRequest malformed = message;
  malformed.body.insert(0, "x");
  EXPECT_EQ(logon.admit(malformed)->status, 400U);
  HttpRequest damaged = message;
  damaged.body[damaged.body.size() - 27] ^= 1;  // The last byte that is sealed.
  EXPECT_EQ(logon.admit(damaged)->status, 401U);
  // A session that has been tampered with is over.
  EXPECT_EQ(logon.admit(message)->status, 401U);
}

TEST_F(LogonTest, AMessageOfAnotherLengthIsRefused) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest message = sealed(client, "text");
  const auto place = message.body.find("Length=4");
  message.body[place + 7] = '5';
  EXPECT_EQ(logon.admit(message)->status, 400U);
}

TEST_F(LogonTest, OnlySoapIsSealed) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest message = sealed(client, "text");
  EXPECT_FALSE(logon.admit(message).has_value());
  HttpReply too_large;
  too_large.status = 413;
  too_large.content_type = "text/plain";
  too_large.body = "too large";
  logon.seal(too_large);
  EXPECT_EQ(too_large.body, "too large");
  HttpReply unsealed;
  unsealed.body = "in the clear";
  unsealed.delivery.unsealed = true;
  logon.seal(unsealed);
  EXPECT_EQ(unsealed.body, "in the clear");
}

TEST_F(LogonTest, AGiantAnswerIsSealedWithItsFiller) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest message = sealed(client, "text");
  EXPECT_FALSE(logon.admit(message).has_value());
  HttpReply reply;
  reply.body = "<a></a>";
  reply.delivery.filler = 5;
  reply.delivery.filler_at = 3;
  logon.seal(reply);
  EXPECT_EQ(reply.delivery.filler, 0U);
  EXPECT_EQ(opened(client, reply), "<a>     </a>");
}

TEST_F(LogonTest, ADamagedSealDoesNotOpen) {
  Logon logon(policy_, {});
  NtlmClient client("DOMAIN\\alice", "secret");
  EXPECT_EQ(log_on(logon, client)->status, 200U);
  HttpRequest message = sealed(client, "text");
  EXPECT_FALSE(logon.admit(message).has_value());
  HttpReply reply;
  reply.body = "answer";
  reply.delivery.damaged_seal = true;
  logon.seal(reply);
  EXPECT_TRUE(read_sealed(reply.content_type, reply.body).has_value());
  EXPECT_EQ(opened(client, reply), "");
}

struct BindingCase {
  const char* name;
  ChannelBinding wanted;
  std::string given;
  bool admitted;

  friend void PrintTo(const BindingCase& c, std::ostream* os) { *os << c.name; }
};

class BindingTest : public LogonTest, public testing::WithParamInterface<BindingCase> {};

TEST_P(BindingTest, DecidesOverTls) {
  policy_.channel_binding = GetParam().wanted;
  Logon logon(policy_, {.tls = true, .channel_binding = std::string(binding), .client = {}});
  NtlmClient client("DOMAIN\\alice", "secret", GetParam().given);
  // TLS seals: the message may be in the clear.
  const auto answer = log_on(logon, client, "<x/>");
  EXPECT_EQ(answer.has_value(), !GetParam().admitted);
  EXPECT_EQ(logon.caller().auth, GetParam().admitted ? "NTLM" : "");
}

const std::string right(binding);
const std::string wrong = "tls-server-end-point:fedcba9876543210fedcba9876543210";
const BindingCase binding_cases[] = {
    {"NoneWithout", ChannelBinding::none, "", true},
    {"NoneWithAWrongOne", ChannelBinding::none, wrong, true},
    {"RelaxedWithout", ChannelBinding::relaxed, "", true},
    {"RelaxedWithAWrongOne", ChannelBinding::relaxed, wrong, false},
    {"RelaxedWithTheRightOne", ChannelBinding::relaxed, right, true},
    {"StrictWithout", ChannelBinding::strict, "", false},
    {"StrictWithAWrongOne", ChannelBinding::strict, wrong, false},
    {"StrictWithTheRightOne", ChannelBinding::strict, right, true},
};

INSTANTIATE_TEST_SUITE_P(, BindingTest, testing::ValuesIn(binding_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CertificateLogonTest, NeedsTheHeaderAndAVerifiedCertificate) {
  LogonPolicy policy;
  policy.client_certificates = true;
  HttpRequest with_header = request(std::string(mutual));
  HttpRequest without = request("");
  Logon stranger(policy, {.tls = true, .channel_binding = {}, .client = {}});
  EXPECT_EQ(stranger.admit(with_header)->status, 401U);
  Logon expired(policy, {.tls = true, .channel_binding = {}, .client = {{false, "bob"}}});
  EXPECT_EQ(expired.admit(with_header)->status, 403U);
  Logon alice(policy, {.tls = true, .channel_binding = {}, .client = {{true, "alice"}}});
  EXPECT_EQ(alice.admit(without)->status, 401U);
  EXPECT_FALSE(alice.admit(with_header).has_value());
  EXPECT_EQ(alice.caller().user, "alice");
  EXPECT_EQ(alice.caller().auth, "Certificate");
  EXPECT_THAT(alice.profiles(), ElementsAre("https/mutual"));
}

TEST(OpenLogonTest, AdmitsEverybody) {
  const LogonPolicy policy;
  Logon logon(policy, {});
  HttpRequest asked = request("Negotiate anything", "<x/>");
  EXPECT_FALSE(logon.admit(asked).has_value());
  EXPECT_TRUE(logon.knows_caller());
  EXPECT_THAT(logon.profiles(), IsEmpty());
}

TEST(Base64Test, IsReadAsItWasWritten) {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xFF\xFE\xFD\xFC"})
    EXPECT_EQ(base64_decoded(base64(bytes)), bytes);
  for (const char* text : {"a", "ab", "abc", "ab=c", "a===", "abc\n", "abB=", "aB==", "===="})
    EXPECT_EQ(base64_decoded(text), std::nullopt) << text;
}

TEST(GssCredentialsTest, NameTheFileThatCannotBeRead) {
  const auto none =
      GssCredentials::acquire({.keytab = "/nowhere/keytab", .ntlm = false, .ntlm_users = ""});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().detail, "the file /nowhere/keytab cannot be read");
}

}  // namespace
}  // namespace hvsec::simulator
