#include "src/revision/remote_url.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::revision::test {
namespace {

struct UrlCase {
  const char* name;
  const char* url;
  const char* told;
};

class RemoteUrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(RemoteUrlTest, KeepsWhereAndDropsWhoAndHow) {
  EXPECT_EQ(without_credentials(GetParam().url), GetParam().told);
  EXPECT_THAT(without_credentials(GetParam().url), testing::Not(testing::HasSubstr("s3cret")));
}

INSTANTIATE_TEST_SUITE_P(
    , RemoteUrlTest,
    testing::Values(
        UrlCase{"Plain", "https://git.example.com/ops/fleet.git",
                "https://git.example.com/ops/fleet.git"},
        UrlCase{"Token", "https://s3cret@host/x", "https://host/x"},
        UrlCase{"UserAndToken", "https://user:s3cret@host:8443/x", "https://host:8443/x"},
        UrlCase{"EmptyUser", "https://:s3cret@host/x", "https://host/x"},
        UrlCase{"EmptyPassword", "https://s3cret:@host/x", "https://host/x"},
        UrlCase{"At", "https://user:p@s3cret@host/x", "https://host/x"},
        UrlCase{"EscapedAt", "https://user%40example.com:s3cret@host/x", "https://host/x"},
        UrlCase{"SlashInThePassword", "https://user:pa/s3cret@host/x", ""},
        UrlCase{"SlashBehindDigits", "https://user:12/s3cret@host/x", ""},
        UrlCase{"SlashBehindAt", "https://user:p@w/s3cret@host/x", ""},
        UrlCase{"QuestionMarkInThePassword", "https://user:pa?s3cret@host/x", ""},
        UrlCase{"Query", "https://host/x?private_token=s3cret", "https://host/x"},
        UrlCase{"Fragment", "https://host/x#s3cret", "https://host/x"},
        UrlCase{"QueryWithoutPath", "https://host?s3cret", "https://host"},
        UrlCase{"Ipv6", "https://s3cret@[2001:db8::1]:443/x", "https://[2001:db8::1]:443/x"},
        UrlCase{"Ssh", "ssh://git@host:22/x.git", "ssh://host:22/x.git"},
        UrlCase{"SshWithPassword", "ssh://git:s3cret@host/x", "ssh://host/x"},
        UrlCase{"GitOverSsh", "git+ssh://s3cret@host/x", "git+ssh://host/x"},
        UrlCase{"ShortForm", "git@host:ops/fleet.git", "host:ops/fleet.git"},
        UrlCase{"ShortFormWithoutUser", "host:ops/fleet.git", "host:ops/fleet.git"},
        UrlCase{"ShortFormWithToken", "s3cret@host:x", "host:x"},
        UrlCase{"ShortFormWithPassword", "user:s3cret@host:x", "host:x"},
        UrlCase{"ShortFormOfIpv6", "git@[2001:db8::1]:x", "[2001:db8::1]:x"},
        UrlCase{"ShortFormWithSlash", "user:pa/s3cret@host:x", ""},
        UrlCase{"NoScheme", "user:s3cret@host/x", "host/x"},
        UrlCase{"Folder", "/srv/git/fleet.git", "/srv/git/fleet.git"},
        UrlCase{"FolderWithAt", "/srv/@ops/fleet.git", "/srv/@ops/fleet.git"},
        UrlCase{"FolderNearby", "../fleet.git", "../fleet.git"},
        UrlCase{"FileUrl", "file:///srv/git/fleet.git", "file:///srv/git/fleet.git"},
        UrlCase{"Program", "ext::ssh -i s3cret host", ""},
        UrlCase{"ProgramWithUrl", "s3::key:s3cret://bucket/x", ""},
        UrlCase{"LineBreak", "https://host/x\nhttps://s3cret@host", ""},
        UrlCase{"EscapeSequence", "https://host/\x1b[2Js3cret", ""},
        UrlCase{"BlankInTheHost", "https://ho st/s3cret@x", ""}, UrlCase{"OnlyAt", "@", ""},
        UrlCase{"OnlyScheme", "https://", "https://"}, UrlCase{"Nothing", "", ""}),
    [](const auto& test) { return test.param.name; });

TEST(RemoteUrlLengthTest, WhatIsTooLongToBeAnAddressIsNotRepeated) {
  EXPECT_EQ(without_credentials("https://host/" + std::string(3000, 'x')), "");
}

}  // namespace
}  // namespace hvsec::revision::test
