// The typed API in programs that are built without exceptions or without RTTI, as with both.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/temporary_directory.hpp"

namespace quire::test {
namespace {

struct Ended {
  int status = 0;  ///< or the signal that ended it as a negative number
  std::string output, errors;
};

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The program as it was built in one way, as a child process.
Ended run(const std::string& way, const std::string& task) {
  const char* const build = std::getenv("QUIRE_BUILD");
  REQUIRE_MESSAGE(build != nullptr, "QUIRE_BUILD names the build folder");
  const TemporaryDirectory folder;
  const std::string program = std::string(build) + "/tests/plain_program/program_" + way;
  const std::string command = "exec '" + program + "' " + task + " '" + (folder / "") + "' > '" +
                              folder / "output" + "' 2> '" + folder / "errors" + "'";
  const int status = std::system(command.c_str());
  return {.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
          .output = read_file(folder / "output"),
          .errors = read_file(folder / "errors")};
}

constexpr const char* ways[] = {"with_all", "without_exceptions", "without_rtti", "without_both"};

// Law: what a program does that asks first does not depend on how it was built.
TEST_CASE("tables, ranges and transactions work without exceptions and RTTI") {
  for (const char* const way : ways) {
    CAPTURE(way);
    const Ended work = run(way, "work");
    CHECK(work.status == 0);
    CHECK(work.output == "worked\n");
    CHECK(work.errors.empty());
  }
}

// Law: who takes what a failed result does not have is ended, and told why.
TEST_CASE("value() of a failed result ends the program with the message") {
  for (const char* const way : ways) {
    CAPTURE(way);
    const Ended value = run(way, "value");
    CHECK(value.status == -SIGABRT);
    CHECK_MESSAGE(value.errors.contains("no such file or directory"), value.errors);
    CHECK(value.errors.contains("/nowhere"));
    const Ended step = run(way, "step");
    CHECK(step.status == -SIGABRT);
    CHECK_MESSAGE(
        step.errors.contains("a range was read on after its transaction had made an edit"),
        step.errors);
  }
}

TEST_CASE("a failed result is caught where there are exceptions") {
  for (const char* const way : {"with_all", "without_rtti"}) {
    CAPTURE(way);
    const Ended caught = run(way, "catch");
    CHECK(caught.status == 0);
    CHECK(caught.output.contains("no such file or directory"));
  }
}

}  // namespace
}  // namespace quire::test
