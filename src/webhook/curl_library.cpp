#include "src/webhook/curl_library.hpp"

#include "src/platform/late_library.hpp"

namespace hvsec::webhook {
namespace {

// An older one would pass over CURLOPT_PROTOCOLS_STR.
constexpr unsigned oldest_version = 0x075500;

}  // namespace

Result<CurlLibrary> CurlLibrary::load() {
  const auto library = platform::LateLibrary::load("libcurl.so.4");
  if (!library)
    return fail(library.error().kind, "the webhook needs libcurl: " + library.error().detail);
  CurlLibrary curl;
  const bool complete =
      library->find("curl_easy_cleanup", curl.easy_cleanup) &&
      library->find("curl_easy_getinfo", curl.easy_getinfo) &&
      library->find("curl_easy_init", curl.easy_init) &&
      library->find("curl_easy_setopt", curl.easy_setopt) &&
      library->find("curl_easy_strerror", curl.easy_strerror) &&
      library->find("curl_free", curl.free) &&
      library->find("curl_multi_add_handle", curl.multi_add_handle) &&
      library->find("curl_multi_cleanup", curl.multi_cleanup) &&
      library->find("curl_multi_info_read", curl.multi_info_read) &&
      library->find("curl_multi_init", curl.multi_init) &&
      library->find("curl_multi_perform", curl.multi_perform) &&
      library->find("curl_multi_poll", curl.multi_poll) &&
      library->find("curl_multi_remove_handle", curl.multi_remove_handle) &&
      library->find("curl_multi_wakeup", curl.multi_wakeup) &&
      library->find("curl_slist_append", curl.slist_append) &&
      library->find("curl_slist_free_all", curl.slist_free_all) &&
      library->find("curl_url", curl.url) && library->find("curl_url_cleanup", curl.url_cleanup) &&
      library->find("curl_url_get", curl.url_get) && library->find("curl_url_set", curl.url_set) &&
      library->find("curl_version_info", curl.version_info);
  if (!complete || curl.version_info(CURLVERSION_NOW)->version_num < oldest_version)
    return fail(ErrorKind::terminal,
                "libcurl.so.4 is too old for the webhook; install 7.85 or newer");
  return curl;
}

}  // namespace hvsec::webhook
