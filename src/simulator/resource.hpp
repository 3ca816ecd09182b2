#pragma once

#include "src/simulator/cim_class.hpp"
#include "src/simulator/soap.hpp"

/// From a request's resource URI and selectors to what they mean on a host.
namespace hvsec::simulator {

/// Whether the URI is in Hyper-V's name space of WMI, and the host has that role.
OrFault<void> check_resource(const Host& host, const SoapRequest& request);

/// The class that the resource URI names.
OrFault<const CimClass*> class_of(const Host& host, const SoapRequest& request);

/// How many of an instance's keys a request must give.
enum class KeyRule : std::uint8_t {
  all,   ///< Get.
  some,  ///< Invoke, for which WinRM takes CreationClassName alone.
};

/// The instance that the selectors name.
OrFault<Row> find_row(const Host& host, const CimClass& a_class, const SoapRequest& request,
                      KeyRule rule);

}  // namespace hvsec::simulator
