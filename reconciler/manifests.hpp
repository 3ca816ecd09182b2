#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reconciler/change_window.hpp"
#include "reconciler/live_state.hpp"
#include "reconciler/place.hpp"
#include "reconciler/setting.hpp"
#include "reconciler/wall_time.hpp"

namespace hvsec {

/// A name pattern: `*` stands for any text, `?` for one character, everything else for itself.
/// Case is ignored (ASCII), as Windows ignores it in host and VM names.
struct Glob {
  std::string pattern;
  [[nodiscard]] bool matches(std::string_view name) const;
};

using Labels = std::map<std::string, std::string>;

/// Where a secret is kept; the secret itself never enters a manifest or this struct.
struct SecretSource {
  std::string file;         ///< A path; empty when `environment` is given.
  std::string environment;  ///< The name of an environment variable; empty when `file` is given.
};

struct BasicAuth {
  std::string username;
  SecretSource password;
};

/// A TLS client certificate, which the host maps to a local account.
struct CertificateAuth {
  std::string certificate_file;  ///< PEM; a chain if there is one.
  std::string key_file;          ///< PEM.
  SecretSource key_password;     ///< Of an encrypted key; empty: it is not encrypted.
};

/// Where the Kerberos tickets come from is the first of these that is given: `keytab_file`,
/// `password`, `credential_cache`; none: the credential cache that Kerberos itself finds.
struct KerberosAuth {
  std::string principal;          ///< user@REALM; empty: the credential cache's own.
  std::string keytab_file;        ///< Needs `principal`.
  SecretSource password;          ///< Needs `principal`.
  std::string credential_cache;   ///< A path, or TYPE:NAME as Kerberos words it.
  std::string service_principal;  ///< service/host; empty: HTTP/ and the endpoint's host.
};

struct NtlmAuth {
  std::string domain;  ///< Empty: a local account of the host.
  std::string username;
  SecretSource password;
};

/// How to prove who we are. `std::monostate`: the host asks for nothing.
using Auth = std::variant<std::monostate, BasicAuth, CertificateAuth, KerberosAuth, NtlmAuth>;

struct Tls {
  std::string ca_file;      ///< PEM; empty: the system's store.
  std::string fingerprint;  ///< SHA-256 of the certificate, hexadecimal; empty: verify by name.
};

struct HostLimits {
  int concurrent_jobs = 4;      ///< Changes in flight on the host; 1 to 64.
  int concurrent_requests = 4;  ///< Requests in flight on the host; 1 to 64.
};

/// kind: Host. One Hyper-V host and how to reach it.
struct HostManifest {
  std::string name;
  Labels labels;
  std::string endpoint;  ///< An http or https URL.
  Auth auth;
  Tls tls;
  bool allow_unencrypted = false;  ///< Basic over plain HTTP; to a loopback address only.
  HostLimits limits;
  Place place;
};

struct HostSelector {
  std::vector<Glob> names;  ///< One must match; empty: any.
  Labels labels;            ///< All must be there.
};

struct VmSelector {
  std::vector<Glob> names;   ///< One must match; empty: any.
  std::vector<VmId> ids;     ///< One must be it; empty: any.
  std::vector<Glob> except;  ///< None may match.
};

/// All given conditions must hold.
struct Selector {
  HostSelector hosts;
  VmSelector vms;
};

bool selects(const HostSelector& selector, const HostManifest& host);
bool selects(const VmSelector& selector, const LiveState& vm);

enum class Mode : std::uint8_t {
  enforce,  ///< Correct what differs.
  audit,    ///< Report what differs, change nothing.
};

struct DeclaredValue {
  bool value = false;
  Place place;
};

/// kind: VmSecurity. The desired state of the VMs that it selects.
struct VmSecurityManifest {
  std::string name;
  Mode mode = Mode::enforce;
  int priority = 0;  ///< The higher wins.
  Selector select;
  PerSetting<std::optional<DeclaredValue>> settings;  ///< Empty: not managed.
  bool allow_loosening = false;
  PerSetting<bool> acknowledge{};     ///< Settings whose hard-to-undo change is accepted.
  std::vector<ChangeWindow> windows;  ///< Those that `allow` stand in for those of all.
  Place place;
};

/// kind: ChangeWindow. When the VMs that it selects may be changed, whatever policy asks for it.
struct CommonWindow {
  Selector select;
  ChangeWindow window;
};

/// What a waiver does about the differences that it accepts. Neither is ever corrected.
enum class WaiverEffect : std::uint8_t {
  report,  ///< Accepted: reported as waived, and no drift.
  hold,    ///< Not accepted, only left alone: deferred until the waiver ends, and still drift.
};

/// "report" or "hold", as manifests say it.
std::string_view name(WaiverEffect effect);

/// kind: Waiver. An exception, for a time and with a reason.
struct Waiver {
  std::string name;
  Selector select;
  PerSetting<bool> settings{};
  WaiverEffect effect = WaiverEffect::report;
  std::string reason;
  std::string approved_by;  ///< May be empty.
  WallTime until;           ///< From then on it counts no more.
  Place place;
};

/// The state of the git work tree that manifests were read from.
struct Revision {
  std::string folder;  ///< The work tree's top.
  std::string commit;  ///< Hexadecimal; empty: there is none yet.
  bool dirty = false;  ///< A manifest differs from the commit, or is not in it.
  std::string remote;  ///< Where it was cloned from, without credentials; empty: unknown.
  friend bool operator==(const Revision&, const Revision&) = default;
};

/// Everything that was declared.
struct Manifests {
  std::vector<HostManifest> hosts;
  std::vector<VmSecurityManifest> policies;
  std::vector<Waiver> waivers;
  std::vector<CommonWindow> windows;
  std::vector<Revision> revisions;  ///< One for each work tree; empty: in none.
  std::string digest;               ///< SHA-256 over all documents, hexadecimal.
};

}  // namespace hvsec
