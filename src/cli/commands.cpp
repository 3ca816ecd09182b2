#include <algorithm>
#include <array>

#include "src/cli/grammar.hpp"

namespace hvsec::cli {
namespace {

constexpr std::array<std::string_view, 7> schemas = {"manifest",    "report", "history", "hosts",
                                                     "suspensions", "event",  "status"};
constexpr std::array<std::string_view, 3> shells = {"bash", "zsh", "fish"};

constexpr std::array table = {
    CommandSpec{
        .id = Command::validate,
        .name = "validate",
        .summary = "Check manifests without asking any host",
        .description = "Reads all manifests and prints every mistake in them with its place, and a "
                       "warning for each waiver that has ended or ends within two weeks. Exit "
                       "code 0: valid; 1: not.",
        .examples = "hvsec validate -m manifests/\n"
                    "hvsec validate -m fleet.yaml -m baseline/ -o json",
    },
    CommandSpec{
        .id = Command::plan,
        .name = "plan",
        .summary = "Show what apply would change; changes nothing",
        .description =
            "Reads every host and shows what apply would change, what it would leave, and why. "
            "Exit code 0: nothing to do; 2: there is drift; 4: a host could not be read; 6: both. "
            "With --out the plan is kept for \"hvsec apply FILE\", which changes no more than "
            "that.",
        .examples = "hvsec plan -m manifests/\n"
                    "hvsec plan -m manifests/ --host 'hv-ams-*' --max-changes 10%\n"
                    "hvsec plan -m manifests/ --out plan.json",
    },
    CommandSpec{
        .id = Command::check,
        .name = "check",
        .summary = "Report drift; cannot change a host",
        .description =
            "Reads every host and reports each VM that is not as declared. It is handed no way to "
            "change a host. Exit code 0: in sync; 2: drift; 4: a host could not be read; 6: both.",
        .examples = "hvsec check -m manifests/\n"
                    "hvsec check -m manifests/ -o json | jq .summary\n"
                    "hvsec check -m manifests/ --fail-on corrective",
    },
    CommandSpec{
        .id = Command::apply,
        .name = "apply",
        .summary = "Change what is not as declared",
        .description =
            "Reads every host, changes what differs and may be changed now, follows the host's "
            "jobs, and reads back what came of them. Each change is recorded in the ledger before "
            "it is sent; what an earlier run left open is settled first. Given a plan, it changes "
            "no more than that plan, and leaves alone what is not as the plan found it. Exit code "
            "0: in sync; 2: drift is left; 4: something failed; 6: both.",
        .examples = "hvsec apply -m manifests/\n"
                    "hvsec apply -m manifests/ --vm 'dc-*' --max-changes 5\n"
                    "hvsec apply -m manifests/ plan.json",
        .argument = {.name = "PLAN",
                     .help = "A file that \"hvsec plan --out\" wrote (default: change all that "
                             "differs)",
                     .choices = {},
                     .file = true},
    },
    CommandSpec{
        .id = Command::run,
        .name = "run",
        .summary = "Keep hosts as declared, until told to stop",
        .description =
            "Works as a service: takes manifests from a folder that it watches or from a git "
            "repository, looks at every host at an interval, corrects what has drifted as apply "
            "does, and is patient with hosts that fail. Manifests that are not valid are refused "
            "as a whole; the last good ones stay in force. SIGHUP reads the manifests again and "
            "has hosts that stalled tried again, SIGUSR1 asks the source at once. The first "
            "SIGTERM or SIGINT settles what is in flight and ends, the second ends at once. "
            "Exit code 0: it was told to stop; 1: it could not start.",
        .examples = "hvsec run -m manifests/\n"
                    "hvsec run --git https://git.example.com/fleet.git --branch main --path prod\n"
                    "hvsec run -m manifests/ --interval 15m --canary 2 --stop-on-failures 5%",
    },
    CommandSpec{
        .id = Command::export_manifests,
        .name = "export",
        .summary = "Write manifests from what hosts have now",
        .description =
            "Reads every host and prints VmSecurity manifests that describe it as it is, one for "
            "each set of equal settings. Exit code 4: a host could not be read; the rest is "
            "exported.",
        .examples = "hvsec export -m hosts.yaml > baseline.yaml\n"
                    "hvsec export -m hosts.yaml --vm 'dc-*'",
    },
    CommandSpec{
        .id = Command::explain,
        .name = "explain",
        .summary = "Say what a setting means and needs",
        .description = "Explains one setting, or lists all of them.",
        .examples = "hvsec explain\n"
                    "hvsec explain tpmEnabled",
        .argument = {.name = "SETTING", .help = "As manifests call it", .choices = {}},
    },
    CommandSpec{
        .id = Command::hosts,
        .name = "hosts",
        .summary = "Find out what each host lets hvsec do",
        .description =
            "Asks every host side by side, in a few small requests that change nothing: how the "
            "connection is made and encrypted, until when its certificate lasts, how long a round "
            "trip takes, whether Hyper-V is there, and what the account may read and change. Says "
            "what to do where something is missing. Exit code 4: a host cannot be used, or not "
            "for everything.",
        .examples = "hvsec hosts -m hosts.yaml\n"
                    "hvsec hosts -m hosts.yaml --connect-timeout 3s",
    },
    CommandSpec{
        .id = Command::history,
        .name = "history",
        .summary = "Tell what was changed: when, by whom, from which commit",
        .description =
            "Lists the changes on record, one per line, the newest last. With --verify it proves "
            "instead that no record was altered, added or taken away. Asks no host, and writes "
            "nothing. Exit code 0: read, or intact; 1: there is no such ledger; 4: it is not "
            "intact, or cannot be proved to be.",
        .examples = "hvsec history --vm dc-01 --setting tpmEnabled\n"
                    "hvsec history --since 7d --verdict failed --verdict indeterminate\n"
                    "hvsec history show 5f0c1a2b9d3e.1\n"
                    "hvsec history --verify",
    },
    CommandSpec{
        .id = Command::history_show,
        .name = "history show",
        .summary = "Tell all that is on record of one change",
        .description =
            "Prints all that is on record of one change: who made it, from which commit, what the "
            "host answered, its job's states, and the host's own words. Asks no host.",
        .examples = "hvsec history show 5f0c1a2b9d3e.1\n"
                    "hvsec history show 20261122T194739Z-5f0c1a2b9d3e.1 -o json",
        .argument = {.name = "ID",
                     .help = "As \"hvsec history\" lists it, or enough of its beginning",
                     .choices = {},
                     .required = true},
    },
    CommandSpec{
        .id = Command::history_prune,
        .name = "history prune",
        .summary = "Take old changes off the record",
        .description =
            "Takes the changes that ended before a time off the ledger, and puts on record that it "
            "did. A change whose outcome is not known yet always stays. Asks for nothing.",
        .examples = "hvsec history prune --older-than 90d\n"
                    "hvsec history prune --older-than 52w --ledger /var/lib/hvsec/ledger.db",
    },
    CommandSpec{
        .id = Command::suspend,
        .name = "suspend",
        .summary = "Let nothing be changed on some VMs for a while",
        .description =
            "Keeps every hvsec that uses the ledger, also one that runs, from changing the VMs "
            "that SELECTOR covers, until the suspension ends or is lifted. What differs is "
            "reported all the same, as deferred, and a change that was sent is brought to its "
            "end. Asks no host, and needs no manifests.",
        .examples = "hvsec suspend hv-ams-01 --reason 'new firmware' --for 4h\n"
                    "hvsec suspend 'hv-ams-*/dc-*' --reason 'moves to the new SAN' "
                    "--until 2027-01-31\n"
                    "hvsec suspend '*/dc-01' --reason 'forensics: leave it as it is'",
        .argument = {.name = "SELECTOR",
                     .help = "HOST, or HOST/VM; * and ? are wildcards, a VM goes by name or id",
                     .choices = {},
                     .required = true},
    },
    CommandSpec{
        .id = Command::resume,
        .name = "resume",
        .summary = "Lift what was suspended",
        .description =
            "Lifts the suspensions with this selector, written as it was suspended with, or the "
            "one with this id. Exit code 1: there is none; those that there are are listed.",
        .examples = "hvsec resume hv-ams-01\n"
                    "hvsec resume 'hv-ams-*/dc-*'\n"
                    "hvsec resume 5f0c1a2b9d3e",
        .argument = {.name = "SELECTOR|ID",
                     .help = "As \"hvsec suspensions\" lists it; of an id the beginning will do",
                     .choices = {},
                     .required = true},
    },
    CommandSpec{
        .id = Command::suspensions,
        .name = "suspensions",
        .summary = "List what is suspended: since when, by whom, why",
        .description = "Lists the suspensions in force, one per line, the newest last.",
        .examples = "hvsec suspensions\n"
                    "hvsec suspensions --all -o json",
    },
    CommandSpec{
        .id = Command::schema,
        .name = "schema",
        .summary = "Print the JSON Schema of manifests, reports and other output",
        .description = "Prints a JSON Schema (2020-12), for editors and pipelines.",
        .examples = "hvsec schema > manifest.v1.schema.json\n"
                    "hvsec schema report",
        .argument = {.name = "DOCUMENT",
                     .help =
                         "manifest (default), report, history, hosts, suspensions, event or status",
                     .choices = schemas},
    },
    CommandSpec{
        .id = Command::version,
        .name = "version",
        .summary = "Print the version",
        .description = "Prints the version, and what the program was built with.",
        .examples = "hvsec version -o json",
    },
    CommandSpec{
        .id = Command::completion,
        .name = "completion",
        .summary = "Print a completion script for a shell",
        .description = "Prints a script that lets a shell complete commands, flags and values.",
        .examples = "source <(hvsec completion bash)\n"
                    "hvsec completion zsh > \"${fpath[1]}/_hvsec\"\n"
                    "hvsec completion fish > ~/.config/fish/completions/hvsec.fish",
        .argument =
            {.name = "SHELL", .help = "bash, zsh or fish", .choices = shells, .required = true},
    },
};

}  // namespace

std::span<const CommandSpec> command_table() { return table; }

const CommandSpec* find_command(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &CommandSpec::name);
  return found == table.end() ? nullptr : &*found;
}

const CommandSpec& whole_of(const CommandSpec& command) {
  return *find_command(command.name.substr(0, command.name.find(' ')));
}

bool is_part(const CommandSpec& command, const CommandSpec& whole) {
  return &command != &whole && &whole_of(command) == &whole;
}

std::vector<std::string_view> part_words(const CommandSpec& whole) {
  std::vector<std::string_view> words;
  for (const CommandSpec& command : table)
    if (is_part(command, whole)) words.push_back(last_word(command));
  return words;
}

}  // namespace hvsec::cli
