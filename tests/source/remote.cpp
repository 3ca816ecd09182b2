#include "tests/source/remote.hpp"

namespace hvsec::source::test {

namespace fs = std::filesystem;

namespace {

// As a daemon's would, without the care for permissions.
Result<std::string> read_secret(const std::string& file) {
  std::string text = content(file);
  if (text.empty()) return fail(ErrorKind::invalid, "the file " + file + " cannot be read");
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

RemoteTest::RemoteTest() {
  folder.git("init -q --bare remote.git");
  folder.git("clone -q remote.git work");
}

std::string RemoteTest::push(const std::string& file, const std::string& text) {
  folder.write("work/" + file, text);
  return push_all();
}

std::string RemoteTest::push_all() {
  const std::string commit = folder.commit_all("work");
  folder.git("push -q origin HEAD", "work");
  return commit;
}

GitOptions RemoteTest::options() const {
  GitOptions options;
  options.url = (folder / "remote.git").string();
  options.state_folder = state().string();
  options.read_secret = read_secret;
  return options;
}

std::unique_ptr<Source> RemoteTest::make(GitOptions options) {
  auto made = make_git_source(world.context.get_executor(), world.clock, std::move(options));
  EXPECT_TRUE(made) << made.error().detail;
  return *std::move(made);
}

void RemoteTest::keep(Source& source, const Snapshot& snapshot) {
  const auto kept = [](Source& of, Snapshot good) -> awaitable<bool> {
    co_await of.keep(std::move(good));
    co_return true;
  };
  world.finish(kept(source, snapshot));
}

std::string RemoteTest::refusal(Source& source, ErrorKind kind) {
  const auto fetched = fetch(source);
  EXPECT_FALSE(fetched);
  if (fetched) return "";
  EXPECT_EQ(name(fetched.error().kind), name(kind)) << fetched.error().detail;
  return fetched.error().detail;
}

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string content(const Snapshot& snapshot, const std::string& file) {
  const fs::path path = snapshot.paths.at(0);
  return content(file.empty() ? path : path / file);
}

}  // namespace hvsec::source::test
