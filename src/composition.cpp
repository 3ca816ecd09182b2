#include "src/composition.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>

#include "src/hyperv/host.hpp"
#include "src/ledger/history.hpp"
#include "src/ledger/sqlite.hpp"
#include "src/ledger/suspensions.hpp"
#include "src/platform/actor.hpp"
#include "src/platform/file_stamp.hpp"
#include "src/platform/secret_file.hpp"
#include "src/platform/steady_clock.hpp"
#include "src/revision/revisions.hpp"
#include "src/wsman/session.hpp"

namespace hvsec {
namespace {

// A secret of a host's account, read when the host's turn comes: one that is missing fails that
// host only.
Result<wsman::Secret> secret(const SecretSource& source, const HostManifest& host,
                             platform::Log& log) {
  if (source.file.empty() && source.environment.empty()) return wsman::Secret();
  auto read = platform::read_secret(source, platform::process_environment());
  if (!read) return fail(read.error());
  if (!read->warning.empty()) log.write({platform::LogLevel::warn, read->warning, host.name});
  return wsman::Secret(std::move(read->text));
}

const SecretSource* secret_of(const Auth& auth) {
  if (const auto* basic = std::get_if<BasicAuth>(&auth)) return &basic->password;
  if (const auto* certificate = std::get_if<CertificateAuth>(&auth))
    return &certificate->key_password;
  if (const auto* kerberos = std::get_if<KerberosAuth>(&auth)) return &kerberos->password;
  if (const auto* ntlm = std::get_if<NtlmAuth>(&auth)) return &ntlm->password;
  return nullptr;
}

Result<wsman::Credentials> credentials(const HostManifest& host, platform::Log& log) {
  const SecretSource* const source = secret_of(host.auth);
  if (source == nullptr) return wsman::Credentials();
  auto found = secret(*source, host, log);
  if (!found) return fail(found.error());
  if (const auto* basic = std::get_if<BasicAuth>(&host.auth))
    return wsman::BasicCredentials{basic->username, *std::move(found)};
  if (const auto* certificate = std::get_if<CertificateAuth>(&host.auth))
    return wsman::CertificateCredentials{certificate->certificate_file, certificate->key_file,
                                         *std::move(found)};
  if (const auto* kerberos = std::get_if<KerberosAuth>(&host.auth))
    return wsman::KerberosCredentials{kerberos->principal, kerberos->keytab_file, *std::move(found),
                                      kerberos->credential_cache, kerberos->service_principal};
  const auto& ntlm = std::get<NtlmAuth>(host.auth);
  return wsman::NtlmCredentials{ntlm.domain, ntlm.username, *std::move(found)};
}

Result<std::unique_ptr<Host>> connect(const boost::asio::any_io_executor& executor,
                                      const cli::Connection& patience, platform::Log& log,
                                      const std::shared_ptr<wsman::Trust>& trust,
                                      const HostManifest& host) {
  auto login = credentials(host, log);
  if (!login) return fail(login.error());
  wsman::SessionOptions options;
  options.url = host.endpoint;
  options.credentials = *std::move(login);
  options.trust = trust;
  options.tls = {.ca_file = host.tls.ca_file, .fingerprint = host.tls.fingerprint};
  options.allow_unencrypted = host.allow_unencrypted;
  options.limits.concurrent_requests = static_cast<std::size_t>(host.limits.concurrent_requests);
  options.limits.connect = patience.connect;
  options.limits.request = patience.request;
  options.limits.call = patience.host;
  options.observer = [&log, name = host.name](const wsman::Trace& trace) {
    const std::string message = trace.operation + " answered " + std::to_string(trace.status);
    log.write({platform::LogLevel::trace, message, name});
  };
  auto session = wsman::make_session(executor, std::move(options));
  if (!session) return fail(session.error());
  return hyperv::make_host(*std::move(session));
}

// The file of a Kerberos credential cache; empty: it is none. `cache`  Empty: Kerberos' own choice.
std::string cache_file(std::string cache) {
  if (cache.empty()) cache = platform::process_environment()("KRB5CCNAME").value_or("");
  if (cache.empty()) return "/tmp/krb5cc_" + std::to_string(getuid());
  if (cache.starts_with("FILE:")) return cache.substr(5);
  return cache.starts_with('/') ? cache : "";
}

// What the host's credentials, and what it is trusted by, are read from.
std::vector<std::string> credential_files(const HostManifest& host) {
  std::vector<std::string> files = {host.tls.ca_file};
  if (const SecretSource* source = secret_of(host.auth)) files.push_back(source->file);
  if (const auto* certificate = std::get_if<CertificateAuth>(&host.auth)) {
    files.push_back(certificate->certificate_file);
    files.push_back(certificate->key_file);
  } else if (const auto* kerberos = std::get_if<KerberosAuth>(&host.auth)) {
    files.push_back(kerberos->keytab_file);
    files.push_back(cache_file(kerberos->credential_cache));
  }
  return files;
}

std::string credential_stamp(const HostManifest& host) {
  std::string stamp;
  for (const std::string& file : credential_files(host))
    if (!file.empty()) stamp += platform::file_stamp(file) + "\n";
  return stamp;
}

std::vector<Revision> revisions(const manifest::Sources& sources, platform::Log& log) {
  revision::Read read{.folders = sources.folders,
                      .files = {},
                      .links = sources.links,
                      .is_manifest = manifest::is_manifest_name,
                      .is_hidden = manifest::is_hidden_name};
  for (const manifest::Source& source : sources.files)
    if (!source.path.empty()) read.files.push_back(source.path);
  revision::Revisions found = revision::read_revisions(read);
  for (const std::string& warning : found.warnings)
    log.write({.level = platform::LogLevel::warn, .message = warning});
  return std::move(found.revisions);
}

template <class Port>
auto connector() {
  return [](boost::asio::any_io_executor executor, cli::Connection patience, platform::Log& log) {
    return [executor, patience, &log, trust = wsman::make_trust()](
               const HostManifest& host) -> Result<std::unique_ptr<Port>> {
      return connect(executor, patience, log, trust, host);
    };
  };
}

}  // namespace

cli::Services compose() {
  cli::Console console{.out = std::cout,
                       .err = std::cerr,
                       .environment = platform::process_environment(),
                       .terminal = platform::find_terminal(platform::process_environment())};
  cli::Runtime runtime{
      .clock = std::make_unique<platform::SteadyClock, boost::asio::any_io_executor>,
      .stop = platform::make_signal_stop,
      .quit = [](int code) { std::_Exit(code); },
      .actor = platform::actor,
      .revisions = revisions};
  cli::Reading reading{.readers = connector<HostReader>(),
                       .ledger_state = ledger::read_ledger_state};
  cli::Changing changing{.hosts = connector<Host>(), .ledger = ledger::open_sqlite_ledger};
  cli::History history{.changes = ledger::read_history, .verify = ledger::verify_ledger};
  cli::Running running{
      .folder_source = source::make_folder_source,
      .git_source = source::make_git_source,
      .serve =
          [](boost::asio::any_io_executor executor, const http::ListenAddress& address,
             http::Handler handler) { return http::serve(executor, address, std::move(handler)); },
      .make_webhook = webhook::make_webhook,
      .service_manager = platform::make_service_manager,
      .signals = platform::make_service_signals,
      .credentials = credential_stamp};
  cli::Pruning pruning{.prune = ledger::prune_ledger};
  cli::Suspending suspending{
      .suspend = ledger::suspend, .resume = ledger::resume, .list = ledger::read_suspensions};
  return {std::move(console), std::move(runtime), std::move(reading), std::move(changing),
          std::move(running), std::move(history), std::move(pruning), std::move(suspending)};
}

}  // namespace hvsec
