#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/hyperv/cim_session.hpp"

namespace hvsec::hyperv::test {

/// What was asked of a session, as a test wants to see it.
struct Asked {
  std::string what;  ///< The WQL, the class of a get, or the method.
  std::vector<cim::Property> in;
};

/// A CIM session that answers what it was told to, from memory, and remembers what it was asked.
class FakeSession final : public cim::Session {
 public:
  using Method = std::function<Result<cim::MethodResult>(const cim::ObjectPath&,
                                                         const std::vector<cim::Property>&)>;

  [[nodiscard]] cim::Transport transport() const override { return talked; }
  awaitable<Result<cim::Identity>> identify() override;
  awaitable<Result<std::vector<cim::Instance>>> enumerate(cim::Query query) override;
  awaitable<Result<cim::Instance>> get(cim::ObjectPath path) override;
  awaitable<Result<cim::MethodResult>> invoke(cim::ObjectPath path, std::string method,
                                              std::vector<cim::Property> in) override;

  /// The instances of each class. An enumeration gives all of them, a get the first one that has
  /// the values of the path's keys.
  std::map<std::string, std::vector<cim::Instance>> instances;
  std::map<std::string, Method> methods;
  /// A failure instead of the answer, by class or method.
  std::map<std::string, Error> errors;
  std::vector<Asked> asked;
  cim::Transport talked;       ///< What `transport` says.
  std::set<std::string> gone;  ///< Classes whose instances are listed and yet not found.
  /// Awaited by each enumeration before its answer, where there is one.
  std::function<awaitable<void>()> before_rows;
  bool keys_count = true;  ///< False: a get gives the first instance, whichever was asked for.

 private:
  [[nodiscard]] std::optional<Error> error(const std::string& name) const;
};

/// An error as a session reports it.
Error wmi_error(std::int64_t code, ErrorKind kind = ErrorKind::terminal);

inline constexpr const char* guid_a = "0A0A0A0A-0000-0000-0000-00000000000A";
inline constexpr const char* guid_b = "0B0B0B0B-0000-0000-0000-00000000000B";

std::string settings_id(const std::string& guid);

cim::Instance system_settings(const std::string& guid, const std::string& name = "dc-01");
cim::Instance computer_system(const std::string& guid, const std::string& enabled_state = "3");
/// All eight settings, all "false", and the four inherited strings.
cim::Instance security_settings(const std::string& guid);
cim::Instance security_service();

/// References to a job, to a VM and to the settings of a VM, as a host writes them.
cim::ObjectPath job_object(const std::string& id);
cim::ObjectPath vm_object(const std::string& guid);
cim::ObjectPath settings_object(const std::string& guid);
/// An Msvm_AffectedJobElement.
cim::Instance affected(const cim::ObjectPath& element, const cim::ObjectPath& job);

/// Sets or adds a property.
void set(cim::Instance& instance, const std::string& name, cim::Value value);
void remove(cim::Instance& instance, const std::string& name);

}  // namespace hvsec::hyperv::test
