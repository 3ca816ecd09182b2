#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/wsman/session.hpp"
#include "tests/wsman/event_loop.hpp"
#include "tests/wsman/loopback_server.hpp"
#include "tests/wsman/sample.hpp"

namespace hvsec::wsman::test {

inline const cim::Query some_query{"root/virtualization/v2", "select Name from Msvm_X"};
inline const cim::ObjectPath some_path{
    "root/virtualization/v2", "Msvm_SecurityService", {{"Name", "vmms"}}};

/// A session with a scripted server, on one event loop.
class SessionTest : public testing::Test {
 protected:
  /// Starts the server; `options.url` is filled in.
  void start(LoopbackServer::Script script, SessionOptions options = {}) {
    server_ = std::make_unique<LoopbackServer>(loop_.executor(), std::move(script));
    connect(std::move(options));
  }

  void connect(SessionOptions options) {
    if (options.url.empty()) options.url = server_->url();
    options.limits.first_backoff = std::chrono::milliseconds(1);
    auto session = make_session(loop_.executor(), std::move(options));
    ASSERT_TRUE(session) << session.error().detail;
    session_ = *std::move(session);
  }

  Result<std::vector<cim::Instance>> enumerate() {
    return loop_.run(session_->enumerate(some_query));
  }
  Result<cim::Instance> get() { return loop_.run(session_->get(some_path)); }
  Result<cim::MethodResult> invoke() {
    std::vector<cim::Property> in;
    in.push_back({"SecuritySettingData", std::string("<INSTANCE/>")});
    return loop_.run(session_->invoke(some_path, "ModifySecuritySettings", std::move(in)));
  }

  EventLoop loop_;
  std::unique_ptr<LoopbackServer> server_;
  std::unique_ptr<cim::Session> session_;
};

/// A good answer to whatever was asked.
inline std::string good_answer(const Received& request) {
  const std::string action = text_of(request.body, "a:Action s:mustUnderstand=\"true\"");
  if (action.ends_with("/Enumerate"))
    return ok(batch("EnumerateResponse", 0, 1, "", true, request.message_id));
  if (action.ends_with("/Get"))
    return ok(envelope("<X xmlns='urn:x'><Name>n</Name></X>", request.message_id));
  if (action.empty()) return ok(sample("identify.xml"));
  return ok(
      envelope("<M:ModifySecuritySettings_OUTPUT xmlns:M='urn:x'><M:ReturnValue>0"
               "</M:ReturnValue></M:ModifySecuritySettings_OUTPUT>",
               request.message_id));
}

}  // namespace hvsec::wsman::test
