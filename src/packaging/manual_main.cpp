// Prints hvsec(1); the build runs it: hvsec-manual DATE
#include <iostream>

#include "src/packaging/manual.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: hvsec-manual DATE\n";
    return 1;
  }
  std::cout << hvsec::packaging::manual(argv[1]) << std::flush;
  return std::cout ? 0 : 1;
}
