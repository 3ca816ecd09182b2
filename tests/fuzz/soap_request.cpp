#include <chrono>
#include <memory>
#include <string>

#include "src/simulator/simulation.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace hvsec::simulator;

class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(Duration{1'000'000}); }
  [[nodiscard]] UtcTime utc() const override { return UtcTime(Duration{1'800'000'000'000}); }
};

constexpr const char* fleet_text =
    "hosts:\n- name: hv\n  jobSeconds: 0\n  vms:\n"
    "  - {name: vm, id: 9F22AAAA-0000-4000-8000-000000000001, keyProtector: local}\n";

}  // namespace

/// A WS-Management request as the simulator sees it, from XML to the answer.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const StillClock clock;
  const auto fleet = parse_fleet(fleet_text, "fleet.yaml");
  hvsec::fuzz::require(fleet.has_value());
  const auto simulation = Simulation::make(*fleet, clock);
  const LogonPolicy everybody;
  Logon logon(everybody, Wire());
  HttpRequest request{.method = "POST",
                      .target = "/hv/wsman",
                      .content_type = "application/soap+xml;charset=UTF-8",
                      .authorization = {},
                      .unauthenticated_identify = false,
                      .body = std::string(hvsec::fuzz::text_of(data, size))};
  const HttpReply reply = (*simulation)->handle(std::move(request), logon);
  hvsec::fuzz::require(reply.status == 200 || reply.status == 500);
  hvsec::fuzz::require(!reply.body.empty());
  return 0;
}
