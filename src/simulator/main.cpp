#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "src/simulator/server.hpp"
#include "src/simulator/simulation.hpp"
#include "src/simulator/state_file.hpp"

namespace {

using namespace hvsec;
using namespace hvsec::simulator;
namespace asio = boost::asio;

constexpr auto use_nothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds housekeeping_interval(250);

struct Options {
  std::string fleet;
  std::string listen = "127.0.0.1:0";
  bool tls = false;
  std::string certificate;
  std::string key;
  std::string auth;
  GssOptions gss;
  std::string client_ca;
  std::string channel_binding = "relaxed";
  bool allow_unencrypted = false;
  std::string state;
  std::string request_log;
  std::string raw_log;
};

void add_logon_options(CLI::App& app, Options& options, CLI::Option* tls) {
  app.add_option("--auth", options.auth, "USER:PASSWORD that clients may give (Basic)");
  app.add_option("--kerberos-keytab", options.gss.keytab,
                 "Take Kerberos (Negotiate and Kerberos), with the keys in this file");
  auto* users = app.add_option("--ntlm-users", options.gss.ntlm_users,
                               "Take NTLM (Negotiate) from the DOMAIN:USER:PASSWORD of this file");
  app.add_flag("--ntlm", options.gss.ntlm, "Take NTLM (Negotiate), verified by winbind")
      ->excludes(users);
  app.add_option("--client-ca", options.client_ca,
                 "Take client certificates of these authorities (PEM)")
      ->needs(tls);
  app.add_option("--channel-binding", options.channel_binding,
                 "What Negotiate over TLS must be bound to")
      ->check(CLI::IsMember({"none", "relaxed", "strict"}))
      ->capture_default_str();
  app.add_flag("--allow-unencrypted", options.allow_unencrypted,
               "Take messages in the clear on plain HTTP after Negotiate");
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--fleet", options.fleet, "The hosts to simulate (YAML)")->required();
  app.add_option("--listen", options.listen, "ADDRESS:PORT; port 0 lets the system pick one")
      ->capture_default_str();
  auto* tls = app.add_flag("--tls", options.tls,
                           "Serve HTTPS, with a self-made certificate unless one is given");
  auto* certificate =
      app.add_option("--cert", options.certificate, "Certificate chain (PEM)")->needs(tls);
  auto* key = app.add_option("--key", options.key, "Private key (PEM)")->needs(tls);
  certificate->needs(key);
  key->needs(certificate);
  add_logon_options(app, options, tls);
  app.add_option("--state", options.state, "Keep the state of the VMs in this file");
  app.add_option("--request-log", options.request_log, "Append each request to this file (JSON)");
  app.add_option("--raw-log", options.raw_log,
                 "Append every byte to this file, as it went below HTTP and above TLS");
  app.set_version_flag("--version", std::string("hvsec-sim ") + HVSEC_VERSION);
}

// What keeps running beside the server: files are written and signals are waited for.
class Housekeeping {
 public:
  Housekeeping(asio::io_context& context, Simulation& simulation, std::string state_file)
      : timer_(context),
        signals_(context, SIGINT, SIGTERM),
        simulation_(&simulation),
        state_file_(std::move(state_file)) {}

  asio::awaitable<void> write_files() {
    while (!stopped_) {
      timer_.expires_after(housekeeping_interval);
      co_await timer_.async_wait(use_nothrow);
      simulation_->log().flush();
      report(save());
    }
  }

  asio::awaitable<void> wait_for_signal(Server& server) {
    co_await signals_.async_wait(use_nothrow);
    stopped_ = true;
    server.stop();
    timer_.cancel();
  }

  Result<void> save() {
    std::uint64_t changes = 0;
    for (auto& host : simulation_->hosts()) {
      host.settle();
      changes += host.changes();
    }
    if (state_file_.empty() || saved_changes_ == changes) return {};
    auto saved = save_state(simulation_->hosts(), state_file_);
    if (saved) saved_changes_ = changes;
    return saved;
  }

 private:
  // Tried again and again, but said once.
  void report(const Result<void>& saved) {
    const std::string failure = saved ? std::string() : text(saved.error());
    if (!failure.empty() && failure != last_failure_) std::cerr << "hvsec-sim: " << failure << '\n';
    last_failure_ = failure;
  }

  asio::steady_timer timer_;
  asio::signal_set signals_;
  Simulation* simulation_;
  std::string state_file_;
  std::optional<std::uint64_t> saved_changes_;
  std::string last_failure_;
  bool stopped_ = false;
};

struct Tls {
  std::unique_ptr<SelfMadeCertificate> self_made;
  std::unique_ptr<asio::ssl::context> context;
  std::string certificate;
  std::string fingerprint;
};

Result<Tls> prepare_tls(const Options& options) {
  Tls tls;
  if (!options.tls) return tls;
  TlsFiles files{options.certificate, options.key};
  if (files.certificate.empty()) {
    auto made = SelfMadeCertificate::make();
    if (!made) return fail(made.error());
    tls.self_made = std::move(*made);
    files = tls.self_made->files();
  }
  files.client_ca = options.client_ca;
  auto loaded = load_tls(files);
  if (!loaded) return fail(loaded.error());
  tls.certificate = files.certificate;
  tls.context = std::move(loaded->context);
  tls.fingerprint = std::move(loaded->fingerprint);
  return tls;
}

void print_ready(const std::string& address, const Tls& tls, Simulation& simulation) {
  const bool secure = !tls.certificate.empty();
  nlohmann::ordered_json ready = {{"address", address},
                                  {"url", (secure ? "https://" : "http://") + address}};
  if (secure) {
    ready["certificateFile"] = tls.certificate;
    ready["certificateSha256"] = tls.fingerprint;
  }
  ready["hosts"] = nlohmann::ordered_json::array();
  for (const auto& host : simulation.hosts()) ready["hosts"].push_back(host.name());
  std::cout << ready.dump() << std::endl;
}

Result<std::unique_ptr<Simulation>> prepare_simulation(const Options& options, const Clock& clock) {
  auto fleet = load_fleet(options.fleet);
  if (!fleet) return fail(fleet.error());
  auto simulation = Simulation::make(*fleet, clock);
  if (!simulation) return simulation;
  if (!options.state.empty())
    if (auto loaded = load_state((*simulation)->hosts(), options.state); !loaded)
      return fail(loaded.error());
  if (!options.request_log.empty())
    if (auto opened = (*simulation)->log().open_file(options.request_log); !opened)
      return fail(opened.error());
  return simulation;
}

Result<LogonPolicy> prepare_logons(const Options& options) {
  LogonPolicy policy;
  if (!options.auth.empty()) policy.basic = options.auth;
  policy.client_certificates = !options.client_ca.empty();
  if (options.channel_binding == "none") policy.channel_binding = ChannelBinding::none;
  if (options.channel_binding == "strict") policy.channel_binding = ChannelBinding::strict;
  policy.allow_unencrypted = options.allow_unencrypted;
  if (!options.gss.has_kerberos() && !options.gss.has_ntlm()) return policy;
  auto credentials = GssCredentials::acquire(options.gss);
  if (!credentials) return fail(credentials.error());
  policy.gss = std::move(*credentials);
  return policy;
}

Result<void> open_raw_log(const std::string& file, ServerOptions& options) {
  if (file.empty()) return {};
  auto opened = RawLog::open(file);
  if (!opened) return fail(opened.error());
  options.raw_log = std::move(*opened);
  return {};
}

Result<void> run(const Options& options) {
  const SystemClock clock;
  auto prepared = prepare_simulation(options, clock);
  if (!prepared) return fail(prepared.error());
  Simulation& simulation = **prepared;
  auto tls = prepare_tls(options);
  if (!tls) return fail(tls.error());
  auto policy = prepare_logons(options);
  if (!policy) return fail(policy.error());
  ServerOptions server_options{.listen = options.listen, .tls = std::move(tls->context)};
  if (auto opened = open_raw_log(options.raw_log, server_options); !opened) return opened;

  asio::io_context context(1);
  const auto handle = [&](HttpRequest request, Logon& logon) {
    return simulation.handle(std::move(request), logon);
  };
  auto server = Server::make(context, std::move(server_options), *policy, handle);
  if (!server) return fail(server.error());
  Housekeeping housekeeping(context, simulation, options.state);
  const auto rethrow = [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  };
  (*server)->start();
  asio::co_spawn(context, housekeeping.write_files(), rethrow);
  asio::co_spawn(context, housekeeping.wait_for_signal(**server), rethrow);
  print_ready((*server)->address(), *tls, simulation);
  context.run();
  simulation.log().flush();
  return housekeeping.save();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app{"Simulated Hyper-V hosts over WS-Management, for tests and for trying out hvsec."};
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto ran = run(options);
    if (ran) return 0;
    std::cerr << "hvsec-sim: " << text(ran.error()) << '\n';
  } catch (const std::exception& failure) {
    std::cerr << "hvsec-sim: " << failure.what() << '\n';
  }
  return 1;
}
