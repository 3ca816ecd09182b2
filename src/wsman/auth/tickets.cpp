#include "src/wsman/auth/tickets.hpp"

#include <krb5/krb5.h>
#include <utility>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

using std::chrono::system_clock;

constexpr std::size_t longest_text = 300;
// A ticket that ends within a request is of no use to it.
constexpr std::chrono::minutes renewal_margin(5);

}  // namespace

// A context of libkrb5, and its errors in ours.
struct Tickets::Library {
  krb5_context context = nullptr;
  krb5_error_code broken = krb5_init_context(&context);

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (context != nullptr) krb5_free_context(context);
  }

  [[nodiscard]] tl::unexpected<Error> failed(krb5_error_code code,
                                             const LogonSubject& subject) const {
    const char* const text = krb5_get_error_message(context, code);
    Error error = kerberos_error(code, xml::printable(text, longest_text), subject);
    krb5_free_error_message(context, text);
    return fail(std::move(error));
  }
};

namespace {

// What libkrb5 fills in has to be given back through the same context.
template <class Handle, auto release>
class Held {
 public:
  explicit Held(krb5_context context) : context_(context) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (handle_ != nullptr) static_cast<void>(release(context_, handle_));
  }
  [[nodiscard]] Handle get() const { return handle_; }
  Handle* out() { return &handle_; }

 private:
  krb5_context context_;
  Handle handle_ = nullptr;
};

using Principal = Held<krb5_principal, krb5_free_principal>;
using Keytab = Held<krb5_keytab, krb5_kt_close>;
using Cache = Held<krb5_ccache, krb5_cc_close>;
using CacheName = Held<char*, krb5_free_string>;

class Fetched {
 public:
  explicit Fetched(krb5_context context) : context_(context) {}
  Fetched(const Fetched&) = delete;
  Fetched& operator=(const Fetched&) = delete;
  ~Fetched() { krb5_free_cred_contents(context_, &tickets); }

  krb5_creds tickets{};

 private:
  krb5_context context_;
};

krb5_error_code ask(krb5_context context, const KerberosCredentials& credentials,
                    krb5_principal principal, krb5_creds& tickets) {
  if (credentials.keytab_file.empty())
    return krb5_get_init_creds_password(context, &tickets, principal,
                                        credentials.password.reveal().c_str(), nullptr, nullptr, 0,
                                        nullptr, nullptr);
  Keytab keytab(context);
  const std::string name = "FILE:" + credentials.keytab_file;
  const krb5_error_code resolved = krb5_kt_resolve(context, name.c_str(), keytab.out());
  if (resolved != 0) return resolved;
  return krb5_get_init_creds_keytab(context, &tickets, principal, keytab.get(), 0, nullptr,
                                    nullptr);
}

// Puts `tickets` into a new cache in memory, whose name it gives; the cache outlives the call.
krb5_error_code keep(krb5_context context, krb5_creds& tickets, std::string& cache_name) {
  Cache cache(context);
  krb5_error_code code = krb5_cc_new_unique(context, "MEMORY", nullptr, cache.out());
  if (code == 0) code = krb5_cc_initialize(context, cache.get(), tickets.client);
  if (code == 0) code = krb5_cc_store_cred(context, cache.get(), &tickets);
  CacheName name(context);
  if (code == 0) code = krb5_cc_get_full_name(context, cache.get(), name.out());
  if (code == 0) cache_name = name.get();
  return code;
}

// Whoever still uses the cache keeps it until he is done.
void forget(krb5_context context, const std::string& cache_name) {
  krb5_ccache cache = nullptr;
  if (!cache_name.empty() && krb5_cc_resolve(context, cache_name.c_str(), &cache) == 0)
    krb5_cc_destroy(context, cache);
}

}  // namespace

Tickets::Tickets(KerberosCredentials credentials)
    : credentials_(std::move(credentials)),
      subject_{credentials_.principal, credentials_.service_principal} {}

Tickets::~Tickets() {
  if (memory_cache_.empty()) return;
  const Library library;
  if (library.broken == 0) forget(library.context, memory_cache_);
}

Result<std::string> Tickets::cache() {
  const bool fetched = !credentials_.keytab_file.empty() || !credentials_.password.reveal().empty();
  if (!fetched) return credentials_.credential_cache;
  const std::scoped_lock lock(guard_);
  if (memory_cache_.empty() || system_clock::now() >= renew_at_) {
    Library library;
    if (library.broken != 0) return library.failed(library.broken, subject_);
    if (const auto done = fetch(library); !done) return fail(done.error());
  }
  return memory_cache_;
}

Result<void> Tickets::fetch(Library& library) {
  Principal principal(library.context);
  krb5_error_code code =
      krb5_parse_name(library.context, credentials_.principal.c_str(), principal.out());
  if (code != 0) return library.failed(code, subject_);
  Fetched fetched(library.context);
  code = ask(library.context, credentials_, principal.get(), fetched.tickets);
  std::string fresh;
  if (code == 0) code = keep(library.context, fetched.tickets, fresh);
  if (code != 0) return library.failed(code, subject_);
  forget(library.context, std::exchange(memory_cache_, std::move(fresh)));
  renew_at_ = system_clock::from_time_t(fetched.tickets.times.endtime) - renewal_margin;
  return {};
}

}  // namespace hvsec::wsman
