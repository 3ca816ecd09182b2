#include <ostream>

#include "schema/documents.hpp"
#include "src/cli/commands.hpp"

namespace hvsec::cli {

int schema(const Options& options, Console& console) {
  console.out << (options.argument == "report" ? hvsec::schema::report_schema()
                                               : hvsec::schema::manifest_schema());
  return 0;
}

}  // namespace hvsec::cli
