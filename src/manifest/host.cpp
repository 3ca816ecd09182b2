#include "src/manifest/host.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "src/manifest/auth.hpp"
#include "src/manifest/endpoint.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where tls_where{&spec_where, "tls"};
constexpr Where limits_where{&spec_where, "limits"};

constexpr std::string_view spec_keys[] = {"endpoint", "auth", "tls", "allowUnencrypted", "limits"};
constexpr std::string_view tls_keys[] = {"caFile", "fingerprint"};
constexpr std::string_view limits_keys[] = {"concurrentJobs", "concurrentRequests"};

constexpr const char* sealed_ways =
    "use https, or \"kerberos\" or \"ntlm\", which encrypt each message";

constexpr int fewest_concurrent = 1;
constexpr int most_concurrent = 64;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 64 digits, or 32 pairs with colons between, as openssl prints them. Empty: neither.
std::string plain_fingerprint(std::string_view given) {
  constexpr std::size_t digits = 64;
  const bool with_colons = given.size() == digits + digits / 2 - 1;
  if (!with_colons && given.size() != digits) return {};
  std::string plain;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char c = given[i];
    const auto lower = static_cast<char>(is_letter(c) ? c | 0x20 : c);
    if (with_colons && i % 3 == 2) {
      if (c != ':') return {};
    } else if (is_digit(lower) || (lower >= 'a' && lower <= 'f')) {
      plain += lower;
    } else {
      return {};
    }
  }
  return plain;
}

class HostDecoder {
 public:
  HostDecoder(const std::filesystem::path& folder, Errors& errors, HostManifest& host)
      : folder_(folder), errors_(errors), host_(host) {}

  void decode(const Node& node, Position at) {
    const Fields spec(node, at, spec_where, {spec_keys}, errors_);
    if (const Node* const auth = spec.find("auth"))
      host_.auth = decode_auth(*auth, spec.at("auth"), folder_, errors_);
    if (const Node* const tls = spec.find("tls")) decode_tls(*tls, spec.at("tls"));
    if (const Node* const limits = spec.find("limits")) decode_limits(*limits, spec.at("limits"));
    if (const Node* const allow = spec.find("allowUnencrypted"))
      host_.allow_unencrypted =
          as_boolean(*allow, {&spec_where, "allowUnencrypted"}, errors_).value_or(false);
    if (const Node* const endpoint = spec.require("endpoint")) decode_endpoint(*endpoint, spec);
  }

 private:
  void decode_endpoint(const Node& node, const Fields& spec) {
    const Where where{&spec_where, "endpoint"};
    constexpr std::size_t longest = 2048;
    const auto url = as_text(node, where, errors_, {1, longest});
    if (!url) return;
    const auto endpoint = parse_endpoint(*url);
    if (!endpoint) {
      errors_.add(node.at, text(where) + " " + endpoint.error().detail,
                  "for example https://host.example.com:5986/wsman");
      return;
    }
    host_.endpoint = *url;
    if (!endpoint->tls && spec.key("tls") != nullptr)
      errors_.add(spec.at("tls"), "spec.tls has no meaning for an http endpoint",
                  "use https, or remove \"tls\"");
    const bool auth_was_told_wrong = spec.find("auth") != nullptr && proves_by<std::monostate>();
    if (!auth_was_told_wrong) check_way(*endpoint, node.at, spec);
  }

  // Whether what is to be sent to the host may go this way.
  void check_way(const Endpoint& endpoint, Position url, const Fields& spec) {
    const bool in_the_clear = !endpoint.tls;
    if (in_the_clear && proves_by<CertificateAuth>()) {
      errors_.add(spec.at("auth"), "spec.auth.certificate needs an https endpoint",
                  "the certificate is shown when TLS begins");
    } else if (in_the_clear && proves_by<BasicAuth>()) {
      check_basic_in_the_clear(endpoint, url, spec);
    } else if (in_the_clear && proves_by<std::monostate>() && !endpoint.loopback) {
      errors_.add(url, "spec.endpoint would send everything in the clear", sealed_ways);
    } else {
      check_allowance(false, spec);
    }
    check_kerberos_name(endpoint, url);
  }

  void check_basic_in_the_clear(const Endpoint& endpoint, Position url, const Fields& spec) {
    if (!endpoint.loopback)
      errors_.add(url, "spec.endpoint would send the password in the clear", sealed_ways);
    else if (!host_.allow_unencrypted)
      errors_.add(url,
                  "spec.endpoint would send the password in the clear, if only on this machine",
                  "use https, or accept it with \"allowUnencrypted: true\"");
    check_allowance(endpoint.loopback, spec);
  }

  void check_allowance(bool has_meaning, const Fields& spec) {
    if (host_.allow_unencrypted && !has_meaning)
      errors_.add(spec.at("allowUnencrypted"), "spec.allowUnencrypted has no meaning here",
                  "remove it: it is for \"basic\" over http that does not leave this machine");
  }

  void check_kerberos_name(const Endpoint& endpoint, Position url) {
    const auto* const kerberos = std::get_if<KerberosAuth>(&host_.auth);
    if (kerberos != nullptr && endpoint.address && kerberos->service_principal.empty())
      errors_.add(url, "spec.endpoint is an address, and Kerberos knows hosts by their names",
                  "use the host's name, or give the one that Kerberos knows with "
                  "\"servicePrincipal\", for example HTTP/hv-ams-01.example.com");
  }

  template <class Kind>
  bool proves_by() const {
    return std::holds_alternative<Kind>(host_.auth);
  }

  void decode_tls(const Node& node, Position at) {
    const Fields tls(node, at, tls_where, {tls_keys}, errors_);
    tls.require_one(tls_keys);
    if (const Node* const file = tls.find("caFile"))
      host_.tls.ca_file = as_path(*file, {&tls_where, "caFile"}, errors_, folder_).value_or("");
    const Node* const fingerprint = tls.find("fingerprint");
    if (fingerprint == nullptr) return;
    const Where where{&tls_where, "fingerprint"};
    const auto given = as_text(*fingerprint, where, errors_);
    if (!given) return;
    host_.tls.fingerprint = plain_fingerprint(*given);
    if (host_.tls.fingerprint.empty())
      errors_.add(fingerprint->at,
                  text(where) +
                      " must be a SHA-256 fingerprint: 64 hexadecimal digits, or 32 "
                      "pairs of them with colons between",
                  "openssl x509 -noout -fingerprint -sha256 prints it");
  }

  void decode_limits(const Node& node, Position at) {
    const Fields limits(node, at, limits_where, {limits_keys}, errors_);
    read_limit(limits, "concurrentJobs", host_.limits.concurrent_jobs);
    read_limit(limits, "concurrentRequests", host_.limits.concurrent_requests);
  }

  void read_limit(const Fields& limits, std::string_view key, int& into) {
    if (const Node* const node = limits.find(key))
      into = as_integer(*node, {&limits_where, key}, errors_, fewest_concurrent, most_concurrent)
                 .value_or(into);
  }

  const std::filesystem::path& folder_;
  Errors& errors_;
  HostManifest& host_;
};

}  // namespace

void decode_host_spec(const Node& spec, Position at, const std::filesystem::path& folder,
                      Errors& errors, HostManifest& host) {
  HostDecoder(folder, errors, host).decode(spec, at);
}

}  // namespace hvsec::manifest
