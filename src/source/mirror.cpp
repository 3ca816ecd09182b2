#include "src/source/mirror.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>
#include <utility>

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;
using Remote = git::Handle<git_remote, git_remote_free>;
using Odb = git::Handle<git_odb, git_odb_free>;

// What libgit2 asks of us while it works.
struct Supervision {
  const Line& line;
  const GitLimits& limits;
  bool is_too_much = false;
  Carrier* carrier = nullptr;
};

// Called by libgit2: negative ends what it does.
int on_progress(const git_indexer_progress* progress, void* payload) {
  Supervision& watch = *static_cast<Supervision*>(payload);
  watch.is_too_much = progress->received_bytes > watch.limits.received_bytes ||
                      progress->total_objects > watch.limits.objects;
  return watch.is_too_much || watch.line.is_cut() ? GIT_EUSER : 0;
}

int on_message(const char* /*text*/, int /*size*/, void* payload) {
  return static_cast<Supervision*>(payload)->line.is_cut() ? GIT_EUSER : 0;
}

int on_transport(git_transport** out, git_remote* owner, void* payload) {
  return Carrier::make_transport(out, owner, static_cast<Supervision*>(payload)->carrier);
}

std::size_t count_packs(const fs::path& mirror) {
  std::error_code error;
  std::size_t count = 0;
  fs::directory_iterator entry(mirror / "objects" / "pack", error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".pack") ++count;
  return count;
}

bool has(git_repository* repository, const git_oid& id) {
  git_odb* found = nullptr;
  if (git_repository_odb(&found, repository) != 0) return false;
  const Odb odb(found);
  return git_odb_exists(odb.get(), &id) == 1;
}

}  // namespace

std::string text(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ + 1> hexadecimal{};
  return git_oid_tostr(hexadecimal.data(), hexadecimal.size(), &id);
}

Mirror::Mirror(fs::path folder, Address address, std::string branch, const GitLimits& limits,
               const Line& line)
    : folder_(std::move(folder)),
      address_(std::move(address)),
      branch_(std::move(branch)),
      limits_(limits),
      line_(line) {}

Result<void> Mirror::open() {
  git_repository* opened = nullptr;
  if (git_repository_open_bare(&opened, folder_.c_str()) != 0) {
    discard();
    if (git_repository_init(&opened, folder_.c_str(), 1) != 0)
      return fail(ErrorKind::terminal,
                  "the folder " + folder_.string() +
                      " cannot be made for what comes from the git remote: " + git::last_error());
  }
  repository_.reset(opened);
  is_damaged_ = false;
  return {};
}

void Mirror::discard() {
  repository_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

bool Mirror::is_scattered() const { return count_packs(folder_) > limits_.packs; }

Result<void> Mirror::take_over(Mirror fresh) {
  if (const auto commit = passed()) fresh.pass(*commit);
  if (const auto commit = kept()) fresh.keep(*commit);
  fresh.repository_.reset();
  discard();
  // What cannot be moved is fetched once more.
  std::error_code ignored;
  fs::rename(fresh.folder_, folder_, ignored);
  return open();
}

tl::unexpected<Error> Mirror::damage(const std::string& what) {
  is_damaged_ = true;
  return fail(ErrorKind::terminal, "what was fetched from " + address_.shown +
                                       " is damaged: " + what + ": " + git::last_error());
}

Error Mirror::failure(const Carrier* carrier) const {
  if (line_.is_cut()) return {ErrorKind::cancelled, {}, "cancelled"};
  if (carrier != nullptr && carrier->failure()) return *carrier->failure();
  return {ErrorKind::transient, {}, address_.shown + ": " + git::last_error()};
}

Result<git_oid> Mirror::follow(Channel* channel) {
  const std::string url = address_.scheme == Address::Scheme::file ? address_.path : address_.shown;
  git_remote_create_options create;
  git_remote_create_options_init(&create, GIT_REMOTE_CREATE_OPTIONS_VERSION);
  create.repository = repository_.get();
  create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
  git_remote* created = nullptr;
  if (git_remote_create_with_opts(&created, url.c_str(), &create) != 0)
    return fail(failure(nullptr));
  const Remote remote(created);

  std::optional<Carrier> carrier;
  if (channel != nullptr) carrier.emplace(*channel, limits_.received_bytes);
  Carrier* const carried = carrier ? &*carrier : nullptr;
  Supervision watch{.line = line_, .limits = limits_, .carrier = carried};
  git_remote_callbacks callbacks;
  git_remote_init_callbacks(&callbacks, GIT_REMOTE_CALLBACKS_VERSION);
  callbacks.payload = &watch;
  if (channel != nullptr) callbacks.transport = on_transport;
  if (git_remote_connect(remote.get(), GIT_DIRECTION_FETCH, &callbacks, nullptr, nullptr) != 0)
    return fail(failure(carried));
  const auto wanted = choose(remote.get());
  if (!wanted) return fail(wanted.error());
  if (!has(repository_.get(), wanted->id)) {
    if (const auto done = download(remote.get(), *wanted, carried); !done)
      return fail(done.error());
  }
  // Never read: what refers to a commit keeps the next fetch from asking for it again, also where
  // the commit is refused.
  mark("followed", wanted->id);
  git_remote_disconnect(remote.get());
  return wanted->id;
}

Result<Mirror::Wanted> Mirror::choose(git_remote* remote) const {
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (git_remote_ls(&heads, &count, remote) != 0) return fail(failure(nullptr));
  const std::string name = branch_.empty() ? "HEAD" : "refs/heads/" + branch_;
  for (std::size_t i = 0; i < count; ++i)
    if (name == heads[i]->name) return Wanted{.reference = name, .id = heads[i]->oid};
  if (count == 0)
    return fail(ErrorKind::terminal, address_.shown + " is empty: nothing was pushed to it yet");
  return fail(ErrorKind::terminal,
              address_.shown +
                  (branch_.empty() ? " has no HEAD: name a branch" : " has no branch " + branch_));
}

Result<void> Mirror::download(git_remote* remote, const Wanted& wanted, Carrier* carrier) {
  Supervision watch{.line = line_, .limits = limits_, .carrier = carrier};
  git_fetch_options options;
  git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  options.update_fetchhead = 0;
  options.callbacks.payload = &watch;
  options.callbacks.transfer_progress = on_progress;
  options.callbacks.sideband_progress = on_message;
  if (carrier != nullptr) options.callbacks.transport = on_transport;
  std::string refspec = "+" + wanted.reference + ":refs/hvsec/incoming";
  std::array<char*, 1> one = {refspec.data()};
  const git_strarray refspecs{one.data(), one.size()};
  if (git_remote_download(remote, &refspecs, &options) == 0) return {};
  if (watch.is_too_much)
    return fail(ErrorKind::terminal,
                address_.shown + " sends more than is taken at once: " +
                    std::to_string(limits_.received_bytes >> 20) + " MiB or " +
                    std::to_string(limits_.objects) +
                    " objects; keep the manifests in a repository of their own");
  return fail(failure(carrier));
}

std::string Mirror::mark_name(const std::string& name) const {
  const std::string identity = address_.shown + "\n" + branch_;
  git_oid id{};
  git_odb_hash(&id, identity.data(), identity.size(), GIT_OBJECT_BLOB);
  return "refs/hvsec/" + text(id) + "/" + name;
}

std::optional<git_oid> Mirror::marked(const std::string& name) const {
  git_oid id{};
  if (git_reference_name_to_id(&id, repository_.get(), mark_name(name).c_str()) != 0)
    return std::nullopt;
  return id;
}

void Mirror::mark(const std::string& name, const git_oid& commit) {
  git_reference* made = nullptr;
  // A commit that is not there is not marked; nor, on a full disk, is any other: it is fetched
  // again.
  if (git_reference_create(&made, repository_.get(), mark_name(name).c_str(), &commit, 1,
                           nullptr) == 0)
    git_reference_free(made);
}

bool Mirror::builds_on(const git_oid& commit, const git_oid& older) const {
  return git_oid_equal(&commit, &older) == 1 ||
         git_graph_descendant_of(repository_.get(), &commit, &older) != 0;
}

Result<git::Commit> Mirror::commit(const git_oid& id) {
  git_commit* found = nullptr;
  if (git_commit_lookup(&found, repository_.get(), &id) != 0) return damage("commit " + text(id));
  return git::Commit(found);
}

Result<git::Tree> Mirror::tree(const git_oid& id) {
  git_tree* found = nullptr;
  if (git_tree_lookup(&found, repository_.get(), &id) != 0) return damage("tree " + text(id));
  return git::Tree(found);
}

Result<git::Blob> Mirror::blob(const git_oid& id) {
  git_blob* found = nullptr;
  if (git_blob_lookup(&found, repository_.get(), &id) != 0) return damage("file " + text(id));
  return git::Blob(found);
}

Result<std::uint64_t> Mirror::size(const git_oid& blob) {
  git_odb* found = nullptr;
  if (git_repository_odb(&found, repository_.get()) != 0) return damage("its objects");
  const Odb odb(found);
  std::size_t bytes = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&bytes, &type, odb.get(), &blob) != 0 || type != GIT_OBJECT_BLOB)
    return damage("file " + text(blob));
  return bytes;
}

}  // namespace hvsec::source
