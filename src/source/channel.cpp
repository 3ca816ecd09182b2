#include "src/source/channel.hpp"

#include <git2/sys/transport.h>
#include <memory>
#include <string>
#include <utility>

namespace hvsec::source {
namespace {

// libgit2's objects are C structures, of which ours begin with a copy.
struct Stream : git_smart_subtransport_stream {
  Carrier* carrier = nullptr;
};

struct Subtransport : git_smart_subtransport {
  Carrier* carrier = nullptr;
  Stream* open = nullptr;  // libgit2's; when the channel is not stateless, one for all topics.
};

int on_read(git_smart_subtransport_stream* stream, char* buffer, size_t size, size_t* got) {
  return static_cast<Stream*>(stream)->carrier->read({buffer, size}, got);
}

int on_write(git_smart_subtransport_stream* stream, const char* buffer, size_t size) {
  return static_cast<Stream*>(stream)->carrier->write({buffer, size});
}

void free_stream(git_smart_subtransport_stream* stream) {
  static_cast<Subtransport*>(stream->subtransport)->open = nullptr;
  delete static_cast<Stream*>(stream);
}

int on_action(git_smart_subtransport_stream** out, git_smart_subtransport* transport,
              const char* /*url*/, git_smart_service_t service) {
  auto* const self = static_cast<Subtransport*>(transport);
  if (self->open != nullptr) {
    *out = self->open;
    return 0;
  }
  const auto topic =
      service == GIT_SERVICE_UPLOADPACK_LS ? Channel::Topic::advertisement : Channel::Topic::pack;
  if (const int code = self->carrier->begin(topic); code != 0) return code;
  auto stream = std::make_unique<Stream>();
  stream->subtransport = transport;
  stream->read = on_read;
  stream->write = on_write;
  stream->free = free_stream;
  stream->carrier = self->carrier;
  self->open = stream.release();
  *out = self->open;
  return 0;
}

int on_close(git_smart_subtransport* /*transport*/) { return 0; }

void free_transport(git_smart_subtransport* transport) {
  delete static_cast<Subtransport*>(transport);
}

int make_subtransport(git_smart_subtransport** out, git_transport* /*owner*/, void* carrier) {
  auto made = std::make_unique<Subtransport>();
  made->action = on_action;
  made->close = on_close;
  made->free = free_transport;
  made->carrier = static_cast<Carrier*>(carrier);
  *out = made.release();
  return 0;
}

}  // namespace

int Carrier::make_transport(git_transport** out, git_remote* owner, void* carrier) {
  auto* const self = static_cast<Carrier*>(carrier);
  git_smart_subtransport_definition definition{.callback = make_subtransport,
                                               .rpc = self->channel_.is_stateless() ? 1u : 0u,
                                               .param = carrier};
  return git_transport_smart(out, owner, &definition);
}

int Carrier::give_up(Error error) {
  git_error_set_str(GIT_ERROR_NET, error.detail.c_str());
  if (!failure_) failure_ = std::move(error);
  return GIT_EUSER;
}

int Carrier::begin(Channel::Topic topic) {
  const auto begun = channel_.begin(topic);
  return begun ? 0 : give_up(begun.error());
}

int Carrier::write(std::span<const char> bytes) {
  const auto written = channel_.write(bytes);
  return written ? 0 : give_up(written.error());
}

int Carrier::read(std::span<char> into, std::size_t* got) {
  const auto read = channel_.read(into);
  if (!read) return give_up(read.error());
  if (*read > left_)
    return give_up({ErrorKind::terminal, {}, "it sends more than is taken from a remote at once"});
  left_ -= *read;
  *got = *read;
  return 0;
}

}  // namespace hvsec::source
