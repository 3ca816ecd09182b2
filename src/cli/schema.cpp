#include <ostream>

#include "schema/documents.hpp"
#include "src/cli/commands.hpp"

namespace hvsec::cli {

int schema(const Options& options, Console& console) {
  if (options.argument == "report")
    console.out << hvsec::schema::report_schema();
  else if (options.argument == "history")
    console.out << hvsec::schema::history_schema();
  else if (options.argument == "hosts")
    console.out << hvsec::schema::hosts_schema();
  else if (options.argument == "event")
    console.out << hvsec::schema::event_schema();
  else
    console.out << hvsec::schema::manifest_schema();
  return 0;
}

}  // namespace hvsec::cli
