// The example at the head of quire.hpp is a program that is built: api/examples/cities.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace quire::test {
namespace {

std::ifstream open_source(const std::string& path) {
  const char* const source = std::getenv("QUIRE_SOURCE");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/" + path);
  REQUIRE_MESSAGE(file, "cannot read " << path << "; QUIRE_SOURCE names the source folder");
  return file;
}

/// The lines from the struct on, without what each begins with.
std::string example_in(const std::string& path, const std::string& beginning) {
  std::ifstream file = open_source(path);
  std::string example, line;
  while (std::getline(file, line) && line != beginning + "struct City {") {
  }
  for (bool is_inside = file.good(); is_inside;) {
    example += line.substr(std::min(beginning.size(), line.size())) + "\n";
    is_inside = line != beginning + "}" && std::getline(file, line);
  }
  return example;
}

TEST_CASE("the example in quire.hpp is the program cities") {
  const std::string program = example_in("api/examples/cities.cpp", "");
  CHECK(program.contains("int main() {"));
  CHECK(example_in("api/quire.hpp", "//   ") == program);
}

}  // namespace
}  // namespace quire::test
