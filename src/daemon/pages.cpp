#include "src/daemon/pages.hpp"

#include <utility>

namespace hvsec::daemon {
namespace {

http::Response plain(int status, std::string text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

constexpr const char* index_text =
    "hvsec\n"
    "/metrics      for Prometheus\n"
    "/status.json  where every host stands (hvsec schema status)\n"
    "/healthz      200: the program works\n"
    "/readyz       200: manifests are in force\n";

}  // namespace

http::Handler pages(PageSources sources) {
  return [sources = std::move(sources)](const http::Request& request) -> http::Response {
    if (request.path == "/") return plain(200, index_text);
    if (request.path == "/healthz") return plain(200, "ok\n");
    if (request.path == "/readyz")
      return sources.ready() ? plain(200, "ok\n") : plain(503, "no manifests are in force yet\n");
    if (request.path == "/metrics")
      return {.status = 200,
              .content_type = "text/plain; version=0.0.4; charset=utf-8",
              .body = sources.metrics()};
    if (request.path == "/status.json")
      return {.status = 200, .content_type = "application/json", .body = sources.status()};
    return plain(404, "there is no such page; see /\n");
  };
}

}  // namespace hvsec::daemon
