#include "src/manifest/auth.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where auth_where{&spec_where, "auth"};
constexpr Where basic_where{&auth_where, "basic"};
constexpr Where certificate_where{&auth_where, "certificate"};
constexpr Where kerberos_where{&auth_where, "kerberos"};
constexpr Where ntlm_where{&auth_where, "ntlm"};

constexpr std::string_view auth_keys[] = {"basic", "certificate", "kerberos", "ntlm"};
constexpr std::string_view basic_keys[] = {"username", "passwordFile", "passwordEnv"};
constexpr std::string_view certificate_keys[] = {"certificateFile", "keyFile", "keyPasswordFile",
                                                 "keyPasswordEnv"};
constexpr std::string_view kerberos_keys[] = {"principal",   "keytabFile",      "passwordFile",
                                              "passwordEnv", "credentialCache", "servicePrincipal"};
constexpr std::string_view ntlm_keys[] = {"domain", "username", "passwordFile", "passwordEnv"};

constexpr std::string_view password_places[] = {"passwordFile", "passwordEnv"};
constexpr std::string_view key_password_places[] = {"keyPasswordFile", "keyPasswordEnv"};
constexpr std::string_view ticket_sources[] = {"keytabFile", "passwordFile", "passwordEnv",
                                               "credentialCache"};

constexpr std::string_view no_secrets = "a secret never goes in a manifest";
constexpr RefusedKey secrets[] = {
    {"password", no_secrets,
     "name the place that keeps it with \"passwordFile\" or \"passwordEnv\""},
};
constexpr std::string_view key_password_hint =
    "name the place that keeps it with \"keyPasswordFile\" or \"keyPasswordEnv\"";
constexpr RefusedKey certificate_secrets[] = {
    {"password", no_secrets, key_password_hint},
    {"keyPassword", no_secrets, key_password_hint},
};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool has_no_colon(std::string_view name) { return name.find(':') == name.npos; }

bool has_no_backslash(std::string_view name) { return name.find('\\') == name.npos; }

// Before and after the one @ that may be there.
std::pair<std::string_view, std::string_view> split_realm(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == name.npos) return {name, "realm"};
  return {name.substr(0, at), name.substr(at + 1)};
}

// A blank, a second @ and a backslash would need Kerberos's own escapes, and are mostly mistakes.
bool is_name_part(std::string_view text, std::string_view without) {
  return !text.empty() && text.find_first_of(without) == text.npos;
}

bool is_principal(std::string_view text) {
  const auto [name, realm] = split_realm(text);
  return is_name_part(name, "\\ ") && is_name_part(realm, "@\\ ");
}

bool is_service_principal(std::string_view text) {
  const auto [name, realm] = split_realm(text);
  const std::size_t slash = std::min(name.find('/'), name.size());
  return is_name_part(name.substr(0, slash), "\\ ") && slash < name.size() &&
         is_name_part(name.substr(slash + 1), "/\\ ") && is_name_part(realm, "@\\ ");
}

// TYPE:NAME, by Kerberos's own words; without a colon it is a path.
bool is_credential_cache(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return true;
  return colon > 0 &&
         std::ranges::all_of(text.substr(0, colon), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// What a text has to look like, and what to say of one that does not.
struct Form {
  bool (*fits)(std::string_view text);
  std::string_view expected;
  std::string_view hint;
  Length length{};
};

constexpr Form basic_username{has_no_colon, "must not hold a colon",
                              "Basic authentication ends a user name at the first one"};
constexpr Form ntlm_username{has_no_backslash, "must not hold a backslash",
                             "give the domain with \"domain\""};
constexpr Form ntlm_domain{has_no_backslash, "must not hold a backslash",
                           "give the name of the domain alone"};
constexpr Form principal_form{is_principal, "must be a Kerberos principal",
                              "for example svc-hvsec@EXAMPLE.COM"};
constexpr Form service_form{is_service_principal, "must be service/host or service/host@REALM",
                            "for example HTTP/hv-ams-01.example.com"};
constexpr Form variable_form{is_variable_name,
                             "must be the name of an environment variable: letters, digits and "
                             "_, not beginning with a digit",
                             ""};
constexpr Form cache_form{is_credential_cache, "must be a path without a colon, or TYPE:NAME",
                          "for example FILE:/run/hvsec/krb5cc or KCM:", path_length};

class AuthDecoder {
 public:
  AuthDecoder(const std::filesystem::path& folder, Errors& errors)
      : folder_(folder), errors_(errors) {}

  Auth decode(const Node& node, Position at) {
    const Fields auth(node, at, auth_where, {auth_keys}, errors_);
    const bool one = auth.require_one(auth_keys);
    Auth found;
    if (const Node* const basic = auth.find("basic"))
      found = decode_basic({*basic, auth.at("basic"), basic_where, {basic_keys, secrets}, errors_});
    if (const Node* const certificate = auth.find("certificate"))
      found = decode_certificate({*certificate,
                                  auth.at("certificate"),
                                  certificate_where,
                                  {certificate_keys, certificate_secrets},
                                  errors_});
    if (const Node* const kerberos = auth.find("kerberos"))
      found = decode_kerberos(
          {*kerberos, auth.at("kerberos"), kerberos_where, {kerberos_keys, secrets}, errors_});
    if (const Node* const ntlm = auth.find("ntlm"))
      found = decode_ntlm({*ntlm, auth.at("ntlm"), ntlm_where, {ntlm_keys, secrets}, errors_});
    return one ? found : Auth();
  }

 private:
  Auth decode_basic(const Fields& basic) {
    return BasicAuth{required(basic, "username", basic_username), required_password(basic)};
  }

  Auth decode_certificate(const Fields& certificate) {
    CertificateAuth auth;
    if (const Node* const file = certificate.require("certificateFile"))
      auth.certificate_file = path(*file, {&certificate_where, "certificateFile"});
    if (const Node* const file = certificate.require("keyFile"))
      auth.key_file = path(*file, {&certificate_where, "keyFile"});
    certificate.allow_one(key_password_places);
    auth.key_password = secret(certificate, key_password_places);
    return auth;
  }

  Auth decode_kerberos(const Fields& kerberos) {
    KerberosAuth auth;
    auth.principal = optional(kerberos, "principal", principal_form);
    if (const Node* const file = kerberos.find("keytabFile"))
      auth.keytab_file = path(*file, {&kerberos_where, "keytabFile"});
    auth.password = secret(kerberos, password_places);
    auth.credential_cache = credential_cache(kerberos);
    auth.service_principal = optional(kerberos, "servicePrincipal", service_form);
    kerberos.allow_one(ticket_sources);
    require_principal(kerberos);
    return auth;
  }

  Auth decode_ntlm(const Fields& ntlm) {
    return NtlmAuth{optional(ntlm, "domain", ntlm_domain),
                    required(ntlm, "username", ntlm_username), required_password(ntlm)};
  }

  // A cache knows whose tickets it holds; a keytab can be several accounts', a password anybody's.
  void require_principal(const Fields& kerberos) {
    if (kerberos.key("principal") != nullptr) return;
    for (const std::string_view source : ticket_sources)
      if (source != "credentialCache" && kerberos.key(source) != nullptr)
        errors_.add(kerberos.at(source),
                    text(kerberos_where) + " has " + in_quotes(source) + " and no \"principal\"",
                    "name the account that it belongs to, for example svc-hvsec@EXAMPLE.COM");
  }

  std::string credential_cache(const Fields& kerberos) {
    std::string cache = optional(kerberos, "credentialCache", cache_form);
    if (cache.empty() || cache.find(':') != cache.npos) return cache;
    return (folder_ / std::filesystem::path(cache)).lexically_normal().string();
  }

  SecretSource required_password(const Fields& fields) {
    if (fields.key("password") == nullptr) fields.require_one(password_places);
    return secret(fields, password_places);
  }

  // `places`  The key of the file, and that of the environment variable.
  SecretSource secret(const Fields& fields, const std::string_view (&places)[2]) {
    SecretSource source;
    if (const Node* const file = fields.find(places[0]))
      source.file = path(*file, {&fields.where(), places[0]});
    source.environment = optional(fields, places[1], variable_form);
    return source;
  }

  std::string required(const Fields& fields, std::string_view key, const Form& form) {
    const Node* const node = fields.require(key);
    return node == nullptr ? "" : formed(*node, {&fields.where(), key}, form);
  }

  std::string optional(const Fields& fields, std::string_view key, const Form& form) {
    const Node* const node = fields.find(key);
    return node == nullptr ? "" : formed(*node, {&fields.where(), key}, form);
  }

  std::string formed(const Node& node, const Where& where, const Form& form) {
    const auto given = as_text(node, where, errors_, form.length);
    if (!given) return {};
    if (!form.fits(*given))
      errors_.add(node.at, text(where) + " " + std::string(form.expected), std::string(form.hint));
    return std::string(*given);
  }

  std::string path(const Node& node, const Where& where) {
    return as_path(node, where, errors_, folder_).value_or("");
  }

  const std::filesystem::path& folder_;
  Errors& errors_;
};

}  // namespace

Auth decode_auth(const Node& auth, Position at, const std::filesystem::path& folder,
                 Errors& errors) {
  return AuthDecoder(folder, errors).decode(auth, at);
}

}  // namespace hvsec::manifest
