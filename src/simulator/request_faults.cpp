#include "src/simulator/request_faults.hpp"

#include <string_view>

#include "src/simulator/guid.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view end_of_body = "</s:Body>";

Duration seconds(double count) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
}

HttpReply status_reply(const Fault& fault) {
  HttpReply reply;
  reply.status = fault.code;
  reply.content_type = "text/html";
  reply.body = fault.text.empty() ? "<html><body>\x01 no service here <p>" : fault.text;
  if (fault.retry_after)
    reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
  return reply;
}

// In the middle of the body, where everything that reads XML has to go through it.
void insert_in_body(HttpReply& reply, std::string_view text) {
  const auto place = reply.body.rfind(end_of_body);
  if (place != std::string::npos) reply.body.insert(place, text);
}

std::string nested(std::uint64_t depth) {
  std::string out;
  out.reserve(depth * 7);
  for (std::uint64_t level = 0; level < depth; ++level) out += "<d>";
  for (std::uint64_t level = 0; level < depth; ++level) out += "</d>";
  return out;
}

// A billion words, if somebody expands them.
std::string document_type() {
  std::string out = "<!DOCTYPE bomb [<!ENTITY e0 \"word\">";
  for (char level = '1'; level <= '9'; ++level) {
    out.append("<!ENTITY e").append(1, level).append(" \"");
    for (int count = 0; count < 10; ++count)
      out.append("&e").append(1, static_cast<char>(level - 1)).append(";");
    out += "\">";
  }
  return out + "]>";
}

void replace_message_id(HttpReply& reply, const std::string& message_id) {
  const std::string field = "<a:RelatesTo>" + message_id;
  const auto place = reply.body.find(field);
  if (place == std::string::npos) return;
  const std::string other = "<a:RelatesTo>uuid:" + text(random_guid());
  reply.body.replace(place, field.size(), other);
}

}  // namespace

RequestFaults::RequestFaults(FaultSet& faults, RequestSubject subject)
    : faults_(&faults), subject_(subject) {
  strike_silence(FaultKind::drop, Silence::closed);
  strike_silence(FaultKind::half_open, Silence::half_closed);
  strike_silence(FaultKind::never_answers, Silence::open);
}

void RequestFaults::strike_silence(FaultKind kind, Silence silence) {
  if (silence_ != Silence::none) return;
  const auto fault = strike(kind);
  if (!fault) return;
  silence_ = silence;
  before_effect_ = fault->before;
}

std::optional<HttpReply> RequestFaults::made_answer() {
  if (strike(FaultKind::forget_logon)) {
    HttpReply reply;
    reply.status = 401;
    reply.content_type = "text/plain";
    reply.delivery.close = true;
    return reply;
  }
  if (const auto status = strike(FaultKind::http_status)) return status_reply(*status);
  return std::nullopt;
}

std::optional<SoapFault> RequestFaults::made_fault() {
  if (const auto made = strike(FaultKind::soap_fault))
    return SoapFault{.subcode = made->subcode, .code = made->code, .reason = made->text};
  if (subject_.operation == Operation::pull && strike(FaultKind::pull_times_out))
    return SoapFault{.subcode = "w:TimedOut",
                     .code = wsman_code::operation_timed_out,
                     .reason =
                         "The WS-Management service cannot complete the operation within the "
                         "time specified in OperationTimeout.",
                     .receiver = true};
  return std::nullopt;
}

void RequestFaults::spoil(HttpReply& reply, const std::string& message_id) {
  if (const auto deep = strike(FaultKind::deep_xml)) insert_in_body(reply, nested(deep->amount));
  if (strike(FaultKind::entity_bomb)) {
    insert_in_body(reply, "<d>&e9;</d>");
    reply.body.insert(0, document_type());
  }
  if (!message_id.empty() && strike(FaultKind::other_message_id))
    replace_message_id(reply, message_id);
  if (const auto giant = strike(FaultKind::giant_answer)) {
    const auto place = reply.body.rfind(end_of_body);
    reply.delivery.filler = giant->amount;
    reply.delivery.filler_at = place == std::string::npos ? reply.body.size() : place;
  }
}

Delivery RequestFaults::delivery(Delivery delivery) {
  delivery.silence = silence_;
  if (const auto slow = strike(FaultKind::delay)) delivery.delay += seconds(slow->seconds);
  if (const auto fault = strike(FaultKind::garbage)) delivery.garbage = fault->amount;
  if (const auto fault = strike(FaultKind::cut_at)) delivery.cut_at = fault->amount;
  if (const auto fault = strike(FaultKind::wrong_length)) delivery.length_error = fault->delta;
  if (const auto fault = strike(FaultKind::interim)) delivery.interim = fault->amount;
  if (const auto fault = strike(FaultKind::slow_body)) delivery.bytes_per_second = fault->amount;
  if (strike(FaultKind::chunked)) delivery.chunked = true;
  if (strike(FaultKind::plain_answer)) delivery.unsealed = true;
  if (strike(FaultKind::bad_signature)) delivery.damaged_seal = true;
  return delivery;
}

}  // namespace hvsec::simulator
