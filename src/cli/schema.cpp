#include <ostream>

#include "schema/documents.hpp"
#include "src/cli/commands.hpp"

namespace hvsec::cli {

int schema(const Options& options, Console& console) {
  const std::string_view name =
      options.argument.empty() ? std::string_view("manifest") : options.argument;
  console.out << hvsec::schema::find_document(name)->text;
  return 0;
}

}  // namespace hvsec::cli
