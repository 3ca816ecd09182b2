#include "src/metrics/figures.hpp"
#include "src/metrics/vm_series.hpp"

namespace hvsec::metrics {
namespace {

void write_reachability(const HostStates& hosts, Scrape& scrape) {
  scrape.gauge("hvsec_host_reachable", "Whether the last pass over the host could read it.");
  for (const auto& [name, host] : hosts) scrape.sample({{"host", name}}, host.reachable);
  scrape.gauge("hvsec_host_last_pass_timestamp_seconds", "When the last pass over the host ended.");
  for (const auto& [name, host] : hosts)
    scrape.sample({{"host", name}}, unix_seconds(host.last_pass));
  scrape.gauge("hvsec_host_last_success_timestamp_seconds",
               "When the last pass over the host ended in which nothing failed.");
  for (const auto& [name, host] : hosts)
    if (host.last_success) scrape.sample({{"host", name}}, unix_seconds(*host.last_success));
}

void write_verdicts(const std::string& name, const HostFigures& vms, Scrape& scrape) {
  for (Verdict verdict{}; !hvsec::name(verdict).empty();
       verdict = static_cast<Verdict>(static_cast<int>(verdict) + 1)) {
    const auto found = vms.verdicts.find(verdict);
    scrape.sample({{"host", name}, {"verdict", hvsec::name(verdict)}},
                  found == vms.verdicts.end() ? 0 : found->second);
  }
  scrape.sample({{"host", name}, {"verdict", "unmanaged"}}, vms.unmanaged);
}

void write_counts(const HostStates& hosts, Scrape& scrape) {
  scrape.gauge("hvsec_vms", "VMs of a host that could be read, by the worst of their settings.");
  for (const auto& [name, host] : hosts)
    if (host.reachable) write_verdicts(name, host.vms, scrape);
  scrape.gauge("hvsec_property_drifted_vms",
               "VMs whose setting is not as declared, and no waiver accepts that.");
  for (const auto& [name, host] : hosts)
    for (const SettingSpec& setting : schema::setting_table())
      if (const auto drifted = host.vms.drifted[setting.id])
        scrape.sample({{"host", name}, {"property", setting.name}}, *drifted);
}

void write_vms(const HostStates& hosts, std::size_t limit, Scrape& scrape) {
  const std::vector<ChosenVm> chosen = choose_vms(hosts, limit);
  scrape.gauge("hvsec_vm_in_sync",
               "Whether all settings of the VM are as declared or accepted by a waiver.");
  for (const auto& [host, vm] : chosen)
    scrape.sample({{"host", *host}, {"vm", vm->name}, {"id", vm->id}}, vm->in_sync);
  scrape.gauge("hvsec_property_drift",
               "Whether the setting of the VM is not as declared, and no waiver accepts that.");
  for (const auto& [host, vm] : chosen)
    for (const SettingSpec& setting : schema::setting_table())
      if (const auto differs = vm->differs[setting.id])
        scrape.sample(
            {{"host", *host}, {"vm", vm->name}, {"id", vm->id}, {"property", setting.name}},
            *differs);
  std::size_t managed = 0;
  for (const auto& [name, host] : hosts) managed += host.vms.managed;
  scrape.gauge("hvsec_vm_series_omitted", "Managed VMs that have no series of their own.");
  scrape.sample({}, managed - chosen.size());
}

}  // namespace

void write_hosts(const Figures& figures, Scrape& scrape) {
  write_reachability(figures.hosts, scrape);
  write_counts(figures.hosts, scrape);
  write_vms(figures.hosts, figures.options.vm_series, scrape);
}

}  // namespace hvsec::metrics
