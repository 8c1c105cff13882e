// What must not be written is refused by the compiler, in words that name the rule.
//
// Each file in cases/ has the mistake, and the right way under QUIRE_FIXED: that it compiles shows
// that nothing but the mistake was refused. Lines at its head say what is to come of it:
//   // must say: EXPRESSION     a regular expression, found in a line of what the compiler says
//   // compiler: clang          only clang can tell: it is asked, where there is one
//   // needs: lmdb              left out where the build has no LMDB
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace quire::test {
namespace {

std::string folder_in(const char* variable) {
  const char* const folder = std::getenv(variable);
  REQUIRE_MESSAGE(folder != nullptr, variable << " names the source or the build folder");
  return folder;
}

/// What became of one compilation.
struct Compiled {
  bool is_refused = false;
  std::string said;
};

struct Case {
  std::string path;
  std::vector<std::string> must_say;
  std::string compiler = QUIRE_COMPILER;
  bool is_left_out = false;
  Compiled wrong = {}, fixed = {};
};

Case read_case(const std::filesystem::path& path) {
  Case read{.path = path.string(), .must_say = {}};
  const auto after = [](const std::string& line, const std::string& mark) {
    return line.starts_with(mark) ? line.substr(mark.size()) : std::string();
  };
  std::ifstream file(path);
  for (std::string line; std::getline(file, line) && line.starts_with("// ");) {
    if (auto text = after(line, "// must say: "); !text.empty()) read.must_say.push_back(text);
    if (line == "// compiler: clang") read.compiler = QUIRE_CLANG;
    if (line == "// needs: lmdb") read.is_left_out = std::string(QUIRE_WITH_LMDB).empty();
  }
  read.is_left_out |= read.compiler.empty();
  return read;
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  const std::string folder = folder_in("QUIRE_SOURCE") + "/tests/misuse/cases";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".cpp") cases.push_back(read_case(entry.path()));
  std::ranges::sort(cases, {}, &Case::path);
  return cases;
}

Compiled compile(const Case& from, const std::string& more, const std::string& includes) {
  const std::string command = "LC_ALL=C " + from.compiler +
                              " -std=c++23 -fsyntax-only -Wall -Wextra -Werror -Wno-attributes" +
                              more + " -I '" + includes + "' '" + from.path + "' 2>&1";
  Compiled compiled;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {.is_refused = true, .said = "popen failed"};
  for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
    compiled.said += static_cast<char>(byte);
  compiled.is_refused = ::pclose(pipe) != 0;
  return compiled;
}

/// Two at a time, as each takes seconds.
void compile_all(std::vector<Case>& cases) {
  const std::string includes = folder_in("QUIRE_BUILD") + "/include";
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t index = next++; index < cases.size(); index = next++) {
      Case& each = cases[index];
      if (each.is_left_out) continue;
      each.wrong = compile(each, "", includes);
      each.fixed = compile(each, " -DQUIRE_FIXED", includes);
    }
  };
  const std::jthread other(work);
  work();
}

bool has_line_with(const std::string& text, const std::string& expression) {
  const std::regex wanted(expression);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (std::regex_search(line, wanted)) return true;
  return false;
}

// Law: a mistake is refused by name, and nothing else in its file is.
TEST_CASE("what must not be written does not compile, and the message names the rule") {
  std::vector<Case> cases = read_cases();
  REQUIRE(cases.size() >= 12);
  compile_all(cases);
  for (const Case& each : cases) {
    if (each.is_left_out) continue;
    CAPTURE(each.path);
    CHECK_MESSAGE(!each.fixed.is_refused, "the right way: " << each.fixed.said);
    CHECK(each.wrong.is_refused);
    CHECK_FALSE(each.must_say.empty());
    for (const std::string& expression : each.must_say)
      CHECK_MESSAGE(has_line_with(each.wrong.said, expression), "not said: " << expression << "\n"
                                                                             << each.wrong.said);
  }
}

}  // namespace
}  // namespace quire::test
