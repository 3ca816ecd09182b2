#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <yaml-cpp/yaml.h>

/// The floor under loading manifests: yaml-cpp's own LoadAll of the same files.
int main(int argc, char** argv) {
  std::size_t documents = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    documents += YAML::LoadAll(text).size();
  }
  std::cout << documents << '\n';
  return documents > 0 ? 0 : 1;
}
