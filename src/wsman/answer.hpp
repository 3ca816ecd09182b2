#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/hyperv/cim_session.hpp"
#include "src/wsman/xml.hpp"

/// WS-Management answers out of text: pure, no I/O.
///
/// Errors: `invalid` when an answer is not what was asked for.
namespace hvsec::wsman {

/// A SOAP envelope, opened.
struct Envelope {
  xml::Document document;
  xml::Node header;  ///< None when there is none.
  xml::Node body;
};

/// Opens `text` as a SOAP 1.2 envelope. It may hold a fault.
Result<Envelope> open_envelope(std::string text, const xml::Limits& limits);

/// Errors: when the envelope does not relate to `message_id`, the request it has to answer.
Result<void> check_relation(const Envelope& envelope, std::string_view message_id);

/// What one answer brought of an enumeration.
struct Batch {
  std::vector<cim::Instance> items;
  std::string context;  ///< For the next Pull; empty: the last one stays.
  bool end = false;
};

/// The class that `wql` selects from; a query's fragments do not name it. Empty when unclear.
std::string queried_class(std::string_view wql);

Result<cim::Identity> read_identify(const Envelope& envelope);
/// Reads the answer to an Enumerate as well as to a Pull.
Result<Batch> read_batch(const Envelope& envelope, const std::string& class_name);
Result<cim::Instance> read_get(const Envelope& envelope);
Result<cim::MethodResult> read_invoke(const Envelope& envelope, std::string_view method);

}  // namespace hvsec::wsman
