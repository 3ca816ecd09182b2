#include "src/source/git_fetch.hpp"

#include <system_error>
#include <utility>

#include "src/source/checkout.hpp"
#include "src/source/https.hpp"
#include "src/source/signature.hpp"
#include "src/source/ssh.hpp"

namespace hvsec::source {
namespace {

namespace fs = std::filesystem;

// Of a process that was killed while gpg was at work.
void remove_old_homes(const fs::path& state) {
  std::error_code error;
  fs::directory_iterator entry(state, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with("gnupg-"))
      fs::remove_all(entry->path(), ignored);
  }
}

std::string rewritten(const git_oid& from, const git_oid& to) {
  return "the branch was rewritten: commit " + text(to) + " does not build on " + text(from) +
         ", which was there before";
}

}  // namespace

bool is_branch(const std::string& name) {
  const git::Library library;
  int valid = 0;
  return git_reference_name_is_valid(&valid, ("refs/heads/" + name).c_str()) == 0 && valid == 1;
}

GitFetch::GitFetch(Address address, GitOptions options)
    : address_(std::move(address)),
      options_(std::move(options)),
      state_(fs::absolute(options_.state_folder)) {}

Result<Mirror> GitFetch::open_mirror(const Line& line, const std::string& name) const {
  std::error_code error;
  if (fs::create_directories(state_, error)) fs::permissions(state_, fs::perms::owner_all, error);
  if (error)
    return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::system, error.value()},
                "the folder " + state_.string() + " cannot be made: " + error.message());
  remove_old_homes(state_);
  Mirror mirror(state_ / name, address_, options_.branch, options_.limits, line);
  if (const auto opened = mirror.open(); !opened) return fail(opened.error());
  return mirror;
}

Result<Snapshot> GitFetch::fetch(Line& line, const GitSecrets& secrets) {
  const std::scoped_lock one_at_a_time(guard_);
  const git::Library library;
  auto mirror = open_mirror(line);
  if (!mirror) return fail(mirror.error());
  // Where this fails, so does following, which says why; or the many packs have to do.
  if (mirror->is_scattered()) static_cast<void>(gather(*mirror, line, secrets));
  auto found = follow(*mirror, line, secrets);
  if (found || !mirror->is_damaged()) return found;
  mirror->discard();
  if (const auto opened = mirror->open(); !opened) return fail(opened.error());
  return follow(*mirror, line, secrets);
}

// Fetches all anew, which makes one pack of it. The mirror stays as it is until that has gone well.
Result<void> GitFetch::gather(Mirror& mirror, Line& line, const GitSecrets& secrets) const {
  auto fresh = open_mirror(line, "mirror.new");
  if (!fresh) return fail(fresh.error());
  const auto channel = make_channel(line, secrets);
  if (!channel) return fail(channel.error());
  const auto followed = fresh->follow(channel->get());
  if (followed) return mirror.take_over(*std::move(fresh));
  fresh->discard();
  return fail(followed.error());
}

Result<void> GitFetch::keep(const std::string& commit, Line& line) {
  const std::scoped_lock one_at_a_time(guard_);
  const git::Library library;
  auto mirror = open_mirror(line);
  if (!mirror) return fail(mirror.error());
  git_oid id{};
  const auto before = mirror->kept();
  const bool known = git_oid_fromstr(&id, commit.c_str()) == 0;
  if (known && !(before && git_oid_equal(&id, &*before) == 1)) mirror->keep(id);
  return {};
}

Result<std::optional<Snapshot>> GitFetch::kept(Line& line) {
  const std::scoped_lock one_at_a_time(guard_);
  const git::Library library;
  auto mirror = open_mirror(line);
  if (!mirror) return fail(mirror.error());
  const auto commit = mirror->kept();
  if (!commit) return std::optional<Snapshot>();
  auto accepted = accept(*mirror, *commit, line);
  if (!accepted && mirror->is_damaged()) return std::optional<Snapshot>();
  if (!accepted) return fail(accepted.error());
  return *std::move(accepted);
}

Result<Snapshot> GitFetch::follow(Mirror& mirror, Line& line, const GitSecrets& secrets) {
  const auto channel = make_channel(line, secrets);
  if (!channel) return fail(channel.error());
  const auto before = mirror.passed();
  const auto commit = mirror.follow(channel->get());
  if (!commit) return fail(commit.error());
  auto snapshot = accept(mirror, *commit, line);
  if (!snapshot) return snapshot;
  if (before && !mirror.builds_on(*commit, *before)) snapshot->note = rewritten(*before, *commit);
  mirror.pass(*commit);
  return snapshot;
}

Result<std::unique_ptr<Channel>> GitFetch::make_channel(Line& line,
                                                        const GitSecrets& secrets) const {
  if (address_.scheme == Address::Scheme::file) return nullptr;
  if (address_.scheme == Address::Scheme::https)
    return make_https_channel(line, address_,
                              {.username = options_.username,
                               .token = secrets.token,
                               .token_file = options_.token_file,
                               .ca_file = options_.ca_file});
  return make_ssh_channel(line, address_,
                          {.key = secrets.ssh_key + "\n",
                           .key_file = options_.ssh_key_file,
                           .passphrase = secrets.ssh_passphrase,
                           .known_hosts_file = options_.known_hosts_file});
}

Result<Snapshot> GitFetch::accept(Mirror& mirror, const git_oid& commit, const Line& line) {
  std::string keyring;
  if (!options_.verify_keyring.empty()) {
    auto read = read_keyring(options_.verify_keyring);
    if (!read) return fail(read.error());
    keyring = *std::move(read);
  }
  if (last_ && git_oid_equal(&last_->commit, &commit) == 1 && last_->keyring == keyring)
    return last_->snapshot;
  if (!keyring.empty()) {
    const auto good = check_signature(mirror, commit, keyring, options_.verify_keyring, state_);
    if (!good) return fail(good.error());
  }
  auto snapshot = check_out(mirror, commit, line);
  if (snapshot) last_ = Last{.commit = commit, .keyring = keyring, .snapshot = *snapshot};
  return snapshot;
}

Result<Snapshot> GitFetch::check_out(Mirror& mirror, const git_oid& commit,
                                     const Line& line) const {
  auto checkout = Checkout::make(state_ / "checkouts", text(commit));
  if (!checkout) return fail(checkout.error());
  const auto written = write_tree(mirror, commit, options_.path, **checkout, options_.limits, line);
  if (!written) return fail(written.error());
  const fs::path& folder = (*checkout)->folder();
  Snapshot snapshot;
  snapshot.paths = {options_.path.empty() ? folder.string() : (folder / options_.path).string()};
  snapshot.revision = Revision{
      .folder = folder.string(), .commit = text(commit), .dirty = false, .remote = address_.shown};
  snapshot.keep = *std::move(checkout);
  return snapshot;
}

}  // namespace hvsec::source
