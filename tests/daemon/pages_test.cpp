#include "src/daemon/pages.hpp"

#include <gtest/gtest.h>

namespace hvsec::daemon {
namespace {

struct PageCase {
  const char* name;
  const char* path;
  bool ready;
  int status;
  const char* content_type;
  const char* body;
};

const PageCase page_cases[] = {
    {"Metrics", "/metrics", true, 200, "text/plain; version=0.0.4; charset=utf-8", "metrics\n"},
    {"Status", "/status.json", true, 200, "application/json", "{}\n"},
    {"AliveWhateverHostsDo", "/healthz", false, 200, "text/plain; charset=utf-8", "ok\n"},
    {"Ready", "/readyz", true, 200, "text/plain; charset=utf-8", "ok\n"},
    {"NotReady", "/readyz", false, 503, "text/plain; charset=utf-8",
     "no manifests are in force yet\n"},
    {"Unknown", "/statu", true, 404, "text/plain; charset=utf-8", "there is no such page; see /\n"},
    {"NoWayOut", "/../etc/passwd", true, 404, "text/plain; charset=utf-8",
     "there is no such page; see /\n"},
};

class PagesTest : public testing::TestWithParam<PageCase> {};

TEST_P(PagesTest, AreAnswered) {
  const PageCase& c = GetParam();
  const http::Handler handler = pages({.metrics = [] { return "metrics\n"; },
                                       .status = [] { return "{}\n"; },
                                       .ready = [&c] { return c.ready; }});
  const http::Response response = handler({.method = "GET", .path = c.path});
  EXPECT_EQ(response.status, c.status);
  EXPECT_EQ(response.content_type, c.content_type);
  EXPECT_EQ(response.body, c.body);
}

INSTANTIATE_TEST_SUITE_P(, PagesTest, testing::ValuesIn(page_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::daemon
