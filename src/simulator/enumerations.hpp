#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/simulator/rendered.hpp"
#include "src/simulator/soap.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {

/// What an Enumerate asks for, once its body has been read.
struct EnumerateRequest {
  WqlQuery query;
  std::string text;        ///< The WQL as it was sent; empty for a plain class.
  bool optimized = false;  ///< w:OptimizeEnumeration: instances in the first answer.
  std::size_t max_elements = 1;
  bool with_object = true;  ///< w:EnumerationMode.
  bool with_reference = false;
};

OrFault<EnumerateRequest> read_enumerate(const SoapRequest& request);

/// The open enumerations of one host.
/// Lifetime  The host outlives them.
class Enumerations {
 public:
  explicit Enumerations(Host& host) : host_(&host) {}

  /// The bodies of the answers.
  OrFault<std::string> enumerate(const SoapRequest& request, const EnumerateRequest& wanted);
  OrFault<std::string> pull(const SoapRequest& request);
  OrFault<std::string> release(const SoapRequest& request);

  /// The class that the enumeration of a Pull or a Release is about; empty when there is none.
  [[nodiscard]] std::string_view class_of(const SoapRequest& request) const;
  [[nodiscard]] std::size_t size() const { return open_.size(); }

  /// Forgets what nobody has pulled from for too long (EnumerationTimeoutms).
  void expire();

 private:
  struct Enumeration {
    Projection projection;
    bool with_object = true;
    bool with_reference = false;
    std::string resource_uri;
    std::vector<Row> rows;
    std::shared_ptr<Rendered> rendered;  ///< Null when its items do not keep.
    std::size_t next = 0;
    Instant used;
  };
  using Open = std::unordered_map<std::string, Enumeration>;

  OrFault<Enumeration> prepare(const SoapRequest& request, const EnumerateRequest& wanted);
  OrFault<void> select_rows(Enumeration& enumeration, const EnumerateRequest& wanted) const;
  void render_item(std::string& out, const Enumeration& enumeration, Row row) const;
  void append_item(std::string& out, const Enumeration& enumeration) const;
  /// Jobs may be forgotten between two answers.
  void drop_vanished(Enumeration& enumeration) const;
  /// Appends as many items as fit, at most `most`.
  OrFault<void> append_items(std::string& out, Enumeration& enumeration, std::size_t most,
                             const SoapRequest& request);
  OrFault<Open::iterator> find(const SoapRequest& request);
  static std::string new_context();

  Host* host_;
  Open open_;
  RenderedEnumerations rendered_;
};

}  // namespace hvsec::simulator
