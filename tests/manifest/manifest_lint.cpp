// Loads each file that is named on the command line on its own, and prints what came of it as one
// line of JSON: {"file": ..., "documents": 1, "errors": [...]}. The parity test compares it with
// what a JSON Schema validator says.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "src/manifest/load.hpp"

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string file = argv[i];
    const auto result = hvsec::manifest::load({file});
    nlohmann::json errors = nlohmann::json::array();
    for (const auto& error : result.errors) errors.push_back(hvsec::manifest::text(error));
    const nlohmann::json line = {
        {"file", file}, {"documents", result.documents}, {"errors", errors}};
    std::cout << line.dump() << '\n';
  }
}
