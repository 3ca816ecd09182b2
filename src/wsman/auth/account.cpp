#include "src/wsman/auth/account.hpp"

#include <utility>

#include "src/wsman/auth/nt_hash.hpp"
#include "src/wsman/auth/tickets.hpp"

namespace hvsec::wsman {
namespace {

// The keys of the mechanisms' credential stores.
constexpr const char* kerberos_cache = "ccache";
constexpr const char* ntlm_domain = "ntlmssp_domain";
constexpr const char* ntlm_key = "ntlmssp_nthash";

class KerberosAccount final : public Account {
 public:
  KerberosAccount(const KerberosCredentials& credentials, std::string service)
      : subject_{credentials.principal, std::move(service)}, tickets_(credentials) {}

  [[nodiscard]] gss::Mechanism mechanism() const override { return gss::Mechanism::kerberos; }
  [[nodiscard]] bool blocks() const override { return true; }
  [[nodiscard]] const LogonSubject& subject() const override { return subject_; }

  Result<gss::Credential> credential(gss::Carriage carriage) override {
    const auto cache = tickets_.cache();
    if (!cache) return fail(cache.error());
    std::vector<gss::StoreEntry> store;
    if (!cache->empty()) store.push_back({kerberos_cache, Secret(*cache)});
    gss::Name name;
    if (!subject_.account.empty()) {
      auto imported = gss::import_user(subject_.account);
      if (!imported) return failed(imported.error());
      name = *std::move(imported);
    }
    // SPNEGO only says that no mechanism is there; Kerberos itself says why.
    auto raw = gss::acquire(name, mechanism(), gss::Carriage::raw, store);
    if (!raw) return failed(raw.error());
    if (carriage == gss::Carriage::raw) return *std::move(raw);
    auto carried = gss::acquire(name, mechanism(), carriage, store);
    if (!carried) return failed(carried.error());
    return *std::move(carried);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> failed(const gss::Failure& failure) const {
    return fail(logon_error(mechanism(), failure, subject_));
  }

  LogonSubject subject_;
  Tickets tickets_;
};

class NtlmAccount final : public Account {
 public:
  NtlmAccount(const NtlmCredentials& credentials, std::string service)
      : credentials_(credentials),
        subject_{credentials.domain.empty() ? credentials.username
                                            : credentials.domain + "\\" + credentials.username,
                 std::move(service)} {}

  [[nodiscard]] gss::Mechanism mechanism() const override { return gss::Mechanism::ntlm; }
  [[nodiscard]] bool blocks() const override { return false; }
  [[nodiscard]] const LogonSubject& subject() const override { return subject_; }

  Result<gss::Credential> credential(gss::Carriage carriage) override {
    const auto name = gss::import_user(credentials_.username);
    if (!name) return fail(logon_error(mechanism(), name.error(), subject_));
    auto key = nt_hash(credentials_.password.reveal());
    if (!key) return fail(key.error());
    // An empty cache keeps SPNEGO from asking Kerberos, which would send the name to a KDC.
    const std::vector<gss::StoreEntry> store = {{ntlm_domain, Secret(credentials_.domain)},
                                                {ntlm_key, *std::move(key)},
                                                {kerberos_cache, Secret("MEMORY:hvsec-none")}};
    auto acquired = gss::acquire(*name, mechanism(), carriage, store);
    if (!acquired) return fail(logon_error(mechanism(), acquired.error(), subject_));
    return *std::move(acquired);
  }

 private:
  NtlmCredentials credentials_;
  LogonSubject subject_;
};

}  // namespace

std::unique_ptr<Account> make_account(const KerberosCredentials& credentials, std::string service) {
  return std::make_unique<KerberosAccount>(credentials, std::move(service));
}

std::unique_ptr<Account> make_account(const NtlmCredentials& credentials, std::string service) {
  return std::make_unique<NtlmAccount>(credentials, std::move(service));
}

}  // namespace hvsec::wsman
