// Examples that texts show are programs that are built, in api/examples.
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

/// The lines from the first to the last that is asked for, without what each begins with.
std::string example_in(const std::string& path, const std::string& beginning,
                       const std::string& first, const std::string& last) {
  std::ifstream file = open_source(path);
  std::string example, line;
  while (std::getline(file, line) && line != beginning + first) {
  }
  for (bool is_inside = file.good(); is_inside;) {
    example += line.substr(std::min(beginning.size(), line.size())) + "\n";
    is_inside = line != beginning + last && std::getline(file, line);
  }
  return example;
}

TEST_CASE("the example in quire.hpp is the program cities") {
  const auto cities = [](const std::string& path, const std::string& beginning) {
    return example_in(path, beginning, "struct City {", "}");
  };
  const std::string program = cities("api/examples/cities.cpp", "");
  CHECK(program.contains("int main() {"));
  CHECK(cities("api/quire.hpp", "//   ") == program);
}

TEST_CASE("the format in docs/formats.md is that of the program own_format") {
  const std::string last = "static_assert(quire::ValueFormat<AsciiFormat, std::string>);";
  const auto format = [&](const std::string& path) {
    return example_in(path, "", "struct AsciiFormat {", last);
  };
  const std::string program = format("api/examples/own_format.cpp");
  CHECK(program.ends_with(last + "\n"));
  CHECK(format("docs/formats.md") == program);
}

}  // namespace
}  // namespace quire::test
