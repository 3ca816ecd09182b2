#include <ostream>

#include "src/cli/build_facts.hpp"
#include "src/cli/commands.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::cli {

int version(const Options& options, Console& console) {
  const BuildFacts& facts = build_facts();
  if (options.output == Format::json) {
    report::JsonWriter json;
    json.begin_object().member("version", facts.version).member("compiler", facts.compiler);
    json.key("libraries").begin_object();
    for (const auto& [library, number] : facts.libraries) json.member(library, number);
    json.end_object().end_object();
    console.out << json.take();
    return 0;
  }
  console.out << "hvsec " << facts.version << "\nbuilt with " << facts.compiler;
  for (const auto& [library, number] : facts.libraries)
    console.out << ", " << library << ' ' << number;
  console.out << '\n';
  return 0;
}

}  // namespace hvsec::cli
