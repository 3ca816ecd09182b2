#include "tests/wsman/sample.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "src/wsman/names.hpp"

namespace hvsec::wsman::test {

std::string sample(std::string_view name) {
  const std::string path = HVSEC_SOURCE_DIR "/tests/wsman/data/" + std::string(name);
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) ADD_FAILURE() << path << " cannot be read";
  return text.str();
}

std::string envelope(std::string_view body, std::string_view message_id) {
  std::string out;
  out.append("<s:Envelope xmlns:s=\"").append(names::soap).append("\" xmlns:a=\"");
  out.append(names::addressing).append("\" xmlns:n=\"").append(names::enumeration);
  out.append("\" xmlns:w=\"").append(names::wsman).append("\"><s:Header>");
  if (!message_id.empty()) out.append("<a:RelatesTo>").append(message_id).append("</a:RelatesTo>");
  return out.append("</s:Header><s:Body>").append(body).append("</s:Body></s:Envelope>");
}

std::string batch(std::string_view response, int first, int count, std::string_view context,
                  bool end, std::string_view message_id) {
  const std::string prefix = response == "EnumerateResponse" ? "w" : "n";
  std::string body = "<n:" + std::string(response) + "><n:EnumerationContext>";
  body.append(context).append("</n:EnumerationContext><" + prefix + ":Items>");
  for (int i = first; i < first + count; ++i)
    body.append("<Item xmlns=\"urn:x\"><Name>" + std::to_string(i) + "</Name></Item>");
  body.append("</" + prefix + ":Items>");
  if (end) body.append("<" + prefix + ":EndOfSequence/>");
  return envelope(body.append("</n:").append(response).append(">"), message_id);
}

std::string text_of(std::string_view xml, std::string_view name) {
  const std::string opening = std::string(name) + ">";
  const std::size_t at = xml.find(opening);
  if (at == xml.npos) return {};
  const std::string_view rest = xml.substr(at + opening.size());
  return std::string(rest.substr(0, rest.find('<')));
}

}  // namespace hvsec::wsman::test
