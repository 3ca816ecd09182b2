#include "src/manifest/host.hpp"

#include <algorithm>
#include <string>

#include "src/manifest/endpoint.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where auth_where{&spec_where, "auth"};
constexpr Where basic_where{&auth_where, "basic"};
constexpr Where tls_where{&spec_where, "tls"};
constexpr Where limits_where{&spec_where, "limits"};

constexpr std::string_view spec_keys[] = {"endpoint", "auth", "tls", "allowUnencrypted", "limits"};
constexpr std::string_view auth_keys[] = {"basic"};
constexpr std::string_view basic_keys[] = {"username", "passwordFile", "passwordEnv"};
constexpr std::string_view tls_keys[] = {"caFile", "fingerprint"};
constexpr std::string_view limits_keys[] = {"concurrentJobs", "concurrentRequests"};

constexpr std::string_view use_basic = "use \"basic\" over https";
constexpr RefusedKey unsupported_auth[] = {
    {"kerberos", "\"kerberos\" is not supported by this version", use_basic},
    {"ntlm", "\"ntlm\" is not supported by this version", use_basic},
    {"certificate", "\"certificate\" is not supported by this version", use_basic},
};
constexpr RefusedKey secrets[] = {
    {"password", "a secret never goes in a manifest",
     "name the place that keeps it with \"passwordFile\" or \"passwordEnv\""},
};

constexpr Length path_length{1, 4096};

constexpr int fewest_concurrent = 1;
constexpr int most_concurrent = 64;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

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
    if (const Node* const auth = spec.find("auth")) decode_auth(*auth, spec.at("auth"));
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
    if (endpoint->tls) return;
    if (const Node* const tls = spec.key("tls"))
      errors_.add(tls->at, "spec.tls has no meaning for an http endpoint",
                  "use https, or remove \"tls\"");
    if (!endpoint->loopback && spec.find("allowUnencrypted") == nullptr)
      errors_.add(node.at, "spec.endpoint would send everything in the clear",
                  "use https, or accept it with \"allowUnencrypted: true\"");
    else if (!endpoint->loopback && !host_.allow_unencrypted)
      errors_.add(spec.at("allowUnencrypted"),
                  "spec.endpoint is http, and \"allowUnencrypted\" is not true",
                  "use https, or accept it with \"allowUnencrypted: true\"");
  }

  void decode_auth(const Node& node, Position at) {
    const Fields auth(node, at, auth_where, {auth_keys, unsupported_auth}, errors_);
    const bool told = std::ranges::any_of(
        unsupported_auth, [&](const RefusedKey& refused) { return auth.key(refused.key); });
    const Node* const basic = told ? auth.find("basic") : auth.require("basic");
    if (basic != nullptr) decode_basic(*basic, auth.at("basic"));
  }

  void decode_basic(const Node& node, Position at) {
    const Fields basic(node, at, basic_where, {basic_keys, secrets}, errors_);
    BasicAuth auth;
    if (const Node* const name = basic.require("username"))
      auth.username = as_text(*name, {&basic_where, "username"}, errors_).value_or("");
    if (basic.key("password") == nullptr) basic.require_one("passwordFile", "passwordEnv");
    if (const Node* const file = basic.find("passwordFile"))
      auth.password.file = path(*file, {&basic_where, "passwordFile"});
    if (const Node* const variable = basic.find("passwordEnv"))
      auth.password.environment = variable_name(*variable);
    host_.auth = std::move(auth);
  }

  std::string variable_name(const Node& node) {
    const Where where{&basic_where, "passwordEnv"};
    const auto name = as_text(node, where, errors_);
    if (!name) return {};
    if (!is_variable_name(*name))
      errors_.add(node.at, text(where) +
                               " must be the name of an environment variable: letters, digits "
                               "and _, not beginning with a digit");
    return std::string(*name);
  }

  void decode_tls(const Node& node, Position at) {
    const Fields tls(node, at, tls_where, {tls_keys}, errors_);
    tls.require_one("caFile", "fingerprint");
    if (const Node* const file = tls.find("caFile"))
      host_.tls.ca_file = path(*file, {&tls_where, "caFile"});
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

  // A manifest means the same from wherever the program was started.
  std::string path(const Node& node, const Where& where) {
    const auto given = as_text(node, where, errors_, path_length);
    if (!given) return {};
    return (folder_ / std::filesystem::path(*given)).lexically_normal().string();
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
