#include "src/wsman/fault.hpp"

#include <gtest/gtest.h>

#include "tests/wsman/sample.hpp"

namespace hvsec::wsman {
namespace {

Fault read(const std::string& text) {
  const auto envelope = open_envelope(text, xml::Limits());
  EXPECT_TRUE(envelope);
  const auto fault = read_fault(*envelope);
  EXPECT_TRUE(fault);
  return fault ? *fault : Fault();
}

std::string plain(std::string_view subcode, std::uint32_t code, std::string_view says) {
  std::string detail;
  if (code != 0)
    detail =
        "<s:Detail><f:WSManFault xmlns:f='http://schemas.microsoft.com/wbem/wsman/1/"
        "wsmanfault' Code='" +
        std::to_string(code) + "' Machine=''><f:Message>" + std::string(says) +
        "</f:Message></f:WSManFault></s:Detail>";
  return test::envelope(
      "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:" + std::string(subcode) +
          "</s:Value></s:Subcode></s:Code><s:Reason><s:Text>" + std::string(says) +
          "</s:Text></s:Reason>" + detail + "</s:Fault>",
      "");
}

struct FaultCase {
  const char* name;
  Fault fault;
  ErrorKind read;
  ErrorKind change;
  ErrorCode code;
};

Fault of(std::string subcode, std::uint32_t code, std::optional<std::uint32_t> wmi = {}) {
  return Fault{std::move(subcode), code, wmi, ""};
}

constexpr ErrorKind terminal = ErrorKind::terminal;
constexpr ErrorKind transient = ErrorKind::transient;
constexpr ErrorKind invalid = ErrorKind::invalid;
constexpr ErrorKind indeterminate = ErrorKind::indeterminate;
constexpr ErrorCode not_found{ErrorDomain::wmi, cim::wbem_e_not_found};

ErrorCode wsman_code(std::int64_t value) { return {ErrorDomain::wsman, value}; }
ErrorCode wmi_code(std::int64_t value) { return {ErrorDomain::wmi, value}; }

const FaultCase fault_cases[] = {
    {"AccessDenied", of("AccessDenied", 5), terminal, terminal, wsman_code(5)},
    {"AccessDeniedWithoutCode", of("AccessDenied", 0), terminal, terminal, wsman_code(5)},
    {"AccessDeniedAsHresult", of("InternalError", 0x80070005), terminal, terminal,
     wsman_code(0x80070005)},
    {"ObjectGone", of("DestinationUnreachable", 0), terminal, terminal, not_found},
    {"ObjectGoneByCode", of("InternalError", 2150858752), terminal, indeterminate, not_found},
    {"WmiWinsOverWrapper", of("InternalError", 2150858752, 0x80041003), terminal, terminal,
     wmi_code(cim::wbem_e_access_denied)},
    {"WmiNotFound", of("InternalError", 0, 0x80041002), terminal, terminal, not_found},
    {"WmiClassMissing", of("InternalError", 0, 0x80041010), terminal, terminal, not_found},
    {"NamespaceMissing", of("DestinationUnreachable", 0, 0x8004100E), terminal, terminal,
     wmi_code(cim::wbem_e_invalid_namespace)},
    {"ClassMissing", of("CannotProcessFilter", 2150858778), terminal, terminal, not_found},
    {"BadQuery", of("CannotProcessFilter", 2150858780, 0x80041017), terminal, terminal,
     wmi_code(0x80041017)},
    {"WrongKeys", of("InvalidSelectors", 2150858843), terminal, terminal, wsman_code(2150858843)},
    {"TimedOut", of("TimedOut", 2150858793), transient, indeterminate, wsman_code(2150858793)},
    {"TimedOutWithoutCode", of("TimedOut", 0), transient, indeterminate, wsman_code(2150858793)},
    {"ShellQuota", of("QuotaLimit", 2150859173), transient, transient, wsman_code(2150859173)},
    {"OperationQuota", of("InternalError", 2150859174), transient, transient,
     wsman_code(2150859174)},
    {"EnvelopeTooSmall", of("EncodingLimit", 2150859025), invalid, indeterminate,
     wsman_code(2150859025)},
    {"EnvelopeTooSmallWithoutCode", of("EncodingLimit", 0), invalid, indeterminate,
     wsman_code(2150859025)},
    {"AnswerTooLarge", of("InternalError", 2150858824), invalid, indeterminate,
     wsman_code(2150858824)},
    {"EnumerationExpired", of("InvalidEnumerationContext", 0), transient, transient,
     wsman_code(2150858779)},
    {"EnumerationExpiredOtherwise", of("InvalidEnumerationContext", 4711), transient, transient,
     wsman_code(2150858779)},
    {"Schema", of("SchemaValidationError", 2150858817), terminal, terminal, wsman_code(2150858817)},
    {"MustUnderstand", of("MustUnderstand", 0), terminal, terminal, {}},
    {"InternalError", of("InternalError", 0), terminal, indeterminate, {}},
    {"WmiFailure", of("InternalError", 0, 0x80041001), terminal, terminal, wmi_code(0x80041001)},
    {"WmiShutsDown", of("InternalError", 0, 0x80041033), transient, transient,
     wmi_code(0x80041033)},
    {"Unknown", of("SomethingNew", 4711), terminal, indeterminate, wsman_code(4711)},
};

TEST(FaultTest, EveryFaultHasItsMeaning) {
  for (const FaultCase& c : fault_cases) {
    SCOPED_TRACE(c.name);
    const Error read = to_error(c.fault, Effect::read);
    EXPECT_EQ(read.kind, c.read);
    EXPECT_EQ(read.code, c.code);
    EXPECT_FALSE(read.detail.empty());
    EXPECT_EQ(to_error(c.fault, Effect::step).kind, c.read);
    const Error change = to_error(c.fault, Effect::change);
    EXPECT_EQ(change.kind, c.change);
    EXPECT_EQ(change.code, c.code);
  }
}

TEST(FaultTest, ReadsTheProvidersOwnFault) {
  const Fault fault = read(test::sample("fault_class_missing.xml"));
  EXPECT_EQ(fault.subcode, "CannotProcessFilter");
  EXPECT_EQ(fault.code, 2150858778u);
  EXPECT_EQ(fault.wmi, std::nullopt);
  EXPECT_EQ(fault.text, "The specified class does not exist in the given namespace.");
}

TEST(FaultTest, FindsTheWmiNumberInTheProviderFault) {
  const Fault fault = read(test::sample("fault_wmi_not_found.xml"));
  EXPECT_EQ(fault.wmi, 0x80041002u);
  EXPECT_EQ(to_error(fault, Effect::read).code, not_found);
}

TEST(FaultTest, FindsTheWmiNumberInTheExtendedStatus) {
  std::string text = test::sample("fault_class_missing.xml");
  const std::string nil = "<p:StatusCode xsi:nil=\"true\"/>";
  text.replace(text.find(nil), nil.size(), "<p:StatusCode>2147749902</p:StatusCode>");
  const Fault fault = read(text);
  EXPECT_EQ(fault.wmi, 0x8004100Eu);
  const Error error = to_error(fault, Effect::read);
  EXPECT_EQ(error.code, wmi_code(cim::wbem_e_invalid_namespace));
  EXPECT_NE(error.detail.find("no such CIM namespace"), std::string::npos);
}

// The form of the second WMI infrastructure, within the provider's own fault.
TEST(FaultTest, ReadsTheWmiErrorInTheProviderFault) {
  std::string text = test::sample("fault_wmi_error_quota.xml");
  const std::size_t from = text.find("<p:MSFT_WmiError");
  const std::string closing = "</p:MSFT_WmiError>";
  const std::size_t to = text.find(closing) + closing.size();
  std::string error = text.substr(from, to - from);
  error.replace(error.find(">27<"), 4, ">3<");
  text.replace(from, to - from,
               "<f:WSManFault xmlns:f='http://schemas.microsoft.com/wbem/wsman/1/wsmanfault' "
               "Code='2150858778'><f:Message><f:ProviderFault provider='WMI'>" +
                   error + "</f:ProviderFault></f:Message></f:WSManFault>");
  const Fault fault = read(text);
  EXPECT_NE(fault.text.find("The maximum number of concurrent shells"), std::string::npos);
  EXPECT_EQ(fault.wmi, static_cast<std::uint32_t>(cim::wbem_e_invalid_namespace));
}

TEST(FaultTest, ReadsTheWmiErrorForm) {
  const Fault fault = read(test::sample("fault_wmi_error_quota.xml"));
  EXPECT_EQ(fault.subcode, "QuotaLimit");
  EXPECT_EQ(fault.code, 2150859173u);
  EXPECT_EQ(fault.text, "The maximum number of concurrent shells has been exceeded.");
  EXPECT_EQ(to_error(fault, Effect::change).kind, ErrorKind::transient);
}

TEST(FaultTest, UnderstandsTheStatusOfOtherServers) {
  const std::string text = test::envelope(
      "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>no</s:Text>"
      "</s:Reason><s:Detail><p:OMI_Error xmlns:p='urn:omi'><p:CIMStatusCode>6</p:CIMStatusCode>"
      "<p:Message>gone</p:Message></p:OMI_Error></s:Detail></s:Fault>");
  const Fault fault = read(text);
  EXPECT_EQ(fault.subcode, "Receiver");
  EXPECT_EQ(fault.wmi, 0x80041002u);
  EXPECT_EQ(fault.text, "gone");
}

TEST(FaultTest, TheHostsWordsAreShortAndOneLine) {
  const Fault fault = read(plain("InternalError", 7, "a\n\n b\t" + std::string(10'000, 'x')));
  EXPECT_TRUE(fault.text.starts_with("a b x") || fault.text.starts_with("a b"));
  EXPECT_LT(fault.text.size(), 700u);
  EXPECT_EQ(fault.text.find('\n'), std::string::npos);
}

TEST(FaultTest, AnAnswerThatIsNoFaultHasNone) {
  const auto envelope = open_envelope(test::sample("identify.xml"), xml::Limits());
  ASSERT_TRUE(envelope);
  EXPECT_FALSE(read_fault(*envelope));
}

struct StatusCase {
  unsigned status;
  ErrorKind read;
  ErrorKind change;
};

TEST(HttpErrorTest, EveryStatusHasItsMeaning) {
  for (const StatusCase& c : std::initializer_list<StatusCase>{
           {301, terminal, terminal},
           {400, terminal, terminal},
           {401, terminal, terminal},
           {403, terminal, terminal},
           {404, terminal, terminal},
           {408, transient, indeterminate},
           {413, terminal, terminal},
           {429, transient, transient},
           {500, transient, indeterminate},
           {502, transient, indeterminate},
           {503, transient, transient},
           {504, transient, indeterminate},
       }) {
    SCOPED_TRACE(c.status);
    const Error read = http_error(c.status, {}, "", Effect::read);
    EXPECT_EQ(read.kind, c.read);
    EXPECT_EQ(read.code, (ErrorCode{ErrorDomain::http, c.status}));
    EXPECT_EQ(http_error(c.status, {}, "", Effect::change).kind, c.change);
  }
}

TEST(HttpErrorTest, UnauthorizedSaysWhatTheHostOffersAndWhatToDo) {
  const std::vector<std::string> windows = {"Negotiate", "Kerberos"};
  const auto says = [&](std::string_view scheme, const std::vector<std::string>& offers) {
    return http_error(401, offers, scheme, Effect::read).detail;
  };
  EXPECT_NE(says("Basic", windows).find("does not accept Basic"), std::string::npos);
  EXPECT_NE(says("Basic", windows).find("Negotiate, Kerberos"), std::string::npos);
  EXPECT_NE(says("", windows).find("wants credentials"), std::string::npos);
  EXPECT_NE(says("Basic", {"Basic realm=\"WSMAN\""}).find("check user name"), std::string::npos);
  EXPECT_NE(says("Basic", {}).find("no scheme"), std::string::npos);
  EXPECT_NE(says("Negotiate", windows).find("let us log on"), std::string::npos);
}

TEST(HttpErrorTest, ARefusedClientCertificateIsNoMatterOfPasswords) {
  const std::string_view scheme =
      "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";
  for (const unsigned status : {401U, 403U}) {
    const Error error = http_error(status, {"Negotiate"}, scheme, Effect::read);
    EXPECT_NE(error.detail.find("client certificate"), std::string::npos) << error.detail;
    EXPECT_EQ(error.detail.find("password"), std::string::npos) << error.detail;
  }
}

}  // namespace
}  // namespace hvsec::wsman
