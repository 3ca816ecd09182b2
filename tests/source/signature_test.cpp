#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/source/program.hpp"
#include "tests/source/remote.hpp"

namespace hvsec::source::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// Real keys, in a home of their own.
class SignatureTest : public RemoteTest {
 protected:
  SignatureTest() { fs::create_directory(home()); }
  ~SignatureTest() override { shell("gpgconf --homedir '" + home() + "' --kill all"); }

  [[nodiscard]] std::string home() const { return (folder / "gpg").string(); }

  [[nodiscard]] std::string gpg(const std::string& arguments, const std::string& time = "") const {
    fs::permissions(home(), fs::perms::owner_all);
    return "gpg --homedir '" + home() + "' --batch --quiet --no-tty --passphrase '' " +
           (time.empty() ? "" : "--faked-system-time " + time + " ") + arguments;
  }

  void make_key(const std::string& name, const std::string& expires = "never",
                const std::string& time = "") const {
    shell(gpg("--quick-gen-key " + name + "@example.com ed25519 sign " + expires, time));
  }

  [[nodiscard]] std::string fingerprint(const std::string& name) const {
    return shell(
        gpg("--list-keys --with-colons " + name + "@example.com | grep ^fpr | cut -d: -f10"));
  }

  std::string push_signed(const std::string& text, const std::string& key,
                          const std::string& time = "") {
    folder.write("signer", "#!/bin/sh\nexec " + gpg("\"$@\"\n", time));
    fs::permissions(folder / "signer", fs::perms::owner_all);
    folder.write("work/a.yaml", text);
    folder.git("add -A", "work");
    folder.git("-c gpg.program='" + (folder / "signer").string() + "' commit -q -m signed -S" +
                   key + "@example.com",
               "work");
    folder.git("push -q -f origin HEAD", "work");
    return folder.git("rev-parse HEAD", "work");
  }

  void export_keys(const std::string& options = "") const {
    shell(gpg("--yes --output '" + keyring() + "' " + options + " --export alice@example.com"));
  }

  [[nodiscard]] std::string keyring() const { return (folder / "keys").string(); }

  [[nodiscard]] GitOptions verifying() const {
    GitOptions wanted = options();
    wanted.verify_keyring = keyring();
    return wanted;
  }
};

TEST_F(SignatureTest, TakesACommitThatAKeyOfTheKeyringSigned) {
  make_key("alice");
  push_signed("one", "alice");
  for (const char* const form : {"", "--armor"}) {
    export_keys(form);
    const auto snapshot = fetch(*make(verifying()));
    ASSERT_TRUE(snapshot) << snapshot.error().detail;
    EXPECT_EQ(content(*snapshot, "a.yaml"), "one");
  }
  for (const auto& entry : fs::directory_iterator(state()))
    EXPECT_THAT(entry.path().filename().string(), testing::AnyOf("mirror.git", "checkouts"));
}

TEST_F(SignatureTest, RefusesACommitThatNobodySigned) {
  make_key("alice");
  export_keys();
  const std::string commit = push("a.yaml", "one");
  EXPECT_THAT(refusal(*make(verifying())),
              AllOf(HasSubstr(commit + " is not signed"), HasSubstr(keyring())));
}

TEST_F(SignatureTest, RefusesAnotherKeyAndSaysWhose) {
  make_key("alice");
  make_key("mallory");
  export_keys();
  push_signed("one", "mallory");
  EXPECT_THAT(refusal(*make(verifying())),
              AllOf(HasSubstr("not in the keyring"), HasSubstr(fingerprint("mallory").substr(24))));
}

TEST_F(SignatureTest, RefusesAnExpiredKey) {
  make_key("alice", "10d", "20200101T000000");
  export_keys();
  push_signed("one", "alice", "20200102T000000");
  EXPECT_THAT(refusal(*make(verifying())),
              AllOf(HasSubstr("has expired"), HasSubstr(fingerprint("alice"))));
}

TEST_F(SignatureTest, RefusesARevokedKey) {
  make_key("alice");
  push_signed("one", "alice");
  export_keys();
  const auto source = make(verifying());
  ASSERT_TRUE(fetch(*source));
  const std::string revocation = home() + "/openpgp-revocs.d/" + fingerprint("alice") + ".rev";
  shell("sed 's/^:---/---/' '" + revocation + "' | " + gpg("--import"));
  export_keys();
  EXPECT_THAT(refusal(*source), HasSubstr("was revoked")) << "the keyring is read at each fetch";
}

TEST_F(SignatureTest, RefusesACommitThatWasChangedAfterwards) {
  make_key("alice");
  export_keys();
  push_signed("one", "alice");
  folder.git("cat-file commit HEAD >../commit", "work");
  shell("sed -i 's/^signed$/forged/' '" + (folder / "commit").string() + "'");
  const std::string forged = folder.git("hash-object -t commit -w ../commit", "work");
  folder.git("reset -q --hard " + forged, "work");
  folder.git("push -q -f origin HEAD", "work");
  EXPECT_THAT(refusal(*make(verifying())),
              AllOf(HasSubstr(forged), HasSubstr("was changed after that")));
}

TEST_F(SignatureTest, RefusesASignatureOfSsh) {
  make_key("alice");
  export_keys();
  folder.write("work/a.yaml", "one");
  shell("ssh-keygen -q -t ed25519 -N '' -f '" + (folder / "id").string() + "'");
  folder.git("add -A", "work");
  folder.git("-c gpg.format=ssh -c user.signingKey='" + (folder / "id").string() +
                 "' commit -q -S -m signed",
             "work");
  folder.git("push -q origin HEAD", "work");
  EXPECT_THAT(refusal(*make(verifying())), HasSubstr("not by OpenPGP"));
}

TEST_F(SignatureTest, KeepsTheLastGoodOne) {
  make_key("alice");
  export_keys();
  const std::string good = push_signed("one", "alice");
  const auto source = make(verifying());
  const auto snapshot = fetch(*source);
  ASSERT_TRUE(snapshot);
  keep(*source, *snapshot);
  push("a.yaml", "two");
  refusal(*source);
  refusal(*source);
  const auto kept = world.finish(make(verifying())->kept());
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->revision->commit, good);
}

TEST_F(SignatureTest, SaysThatTheKeyringHoldsNoKeys) {
  make_key("alice");
  push_signed("one", "alice");
  EXPECT_THAT(refusal(*make(verifying())), HasSubstr("cannot be read, or is empty"));
  folder.write("keys", "no keys at all\n");
  EXPECT_THAT(refusal(*make(verifying())), HasSubstr(keyring() + " "));
}

}  // namespace
}  // namespace hvsec::source::test
