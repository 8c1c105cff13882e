// The programs of docs/cookbook.md do what they are shown to do.
//
// Each is run as a user would, in an empty folder. What it says is in its own head, behind
// "It says:", where a long line goes on in the next one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

fs::path folder_in(const char* variable) {
  const char* const folder = std::getenv(variable);
  REQUIRE_MESSAGE(folder != nullptr, variable << " names the source or the build folder");
  return folder;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, "cannot read " << path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Its words, one space between them: lines may be broken anywhere.
std::string words_of(const std::string& text) {
  std::istringstream words(text);
  std::string joined;
  for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

struct Program {
  std::string says;  ///< by its head
  std::size_t line_count = 0;
};

Program read_program(const fs::path& path) {
  std::istringstream lines(read_file(path));
  Program program;
  bool is_head = true, is_saying = false;
  for (std::string line; std::getline(lines, line);) {
    is_head = is_head && line.starts_with("//");
    if (is_saying && is_head) program.says += line.substr(2) + "\n";
    is_saying = is_saying || line == "// It says:";
    if (!is_head) ++program.line_count;
  }
  return program;
}

/// The names that the cookbook links to.
std::vector<std::string> programs_of_cookbook() {
  const std::string cookbook = read_file(folder_in("QUIRE_SOURCE") / "docs/cookbook.md");
  const std::regex link(R"(\(\.\./api/examples/(\w+)\.cpp\))");
  std::vector<std::string> names;
  for (std::sregex_iterator each(cookbook.begin(), cookbook.end(), link), end; each != end; ++each)
    names.push_back((*each)[1]);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

/// What it writes to the standard output; its exit status is checked.
std::string run(const std::string& name) {
  const TemporaryDirectory folder;
  const fs::path program = folder_in("QUIRE_BUILD") / "api/examples" / name;
  const std::string output = folder / "output";
  const std::string command =
      "cd '" + (folder / "") + "' && '" + program.string() + "' > '" + output + "' 2> errors";
  const int status = std::system(command.c_str());
  CHECK_MESSAGE(status == 0, name << ": " << read_file(folder / "errors"));
  return read_file(output);
}

// Law: a program of the cookbook says what its head shows, and is short.
TEST_CASE("each program of the cookbook says what its head shows") {
  const std::vector<std::string> names = programs_of_cookbook();
  REQUIRE(names.size() >= 10);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Program program =
        read_program(folder_in("QUIRE_SOURCE") / "api/examples" / (name + ".cpp"));
    CHECK(program.line_count <= 60);
    CHECK_FALSE(program.says.empty());
    CHECK(words_of(run(name)) == words_of(program.says));
  }
}

// Law: no program that says what it says is missing from the cookbook.
TEST_CASE("the cookbook has every program that shows what it says") {
  const std::vector<std::string> names = programs_of_cookbook();
  for (const auto& entry : fs::directory_iterator(folder_in("QUIRE_SOURCE") / "api/examples")) {
    if (entry.path().extension() != ".cpp" || read_program(entry.path()).says.empty()) continue;
    CAPTURE(entry.path().string());
    CHECK(std::ranges::count(names, entry.path().stem().string()) == 1);
  }
}

}  // namespace
}  // namespace quire::test
