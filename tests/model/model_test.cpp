// Law: a database answers like sorted maps, in an open transaction, after it, in every snapshot for
// as long as it is held, and after every reopening; and its file is sound all the while.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "model/course.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t operations_of_course = 30'000;
constexpr std::uint64_t course_count = 100;

struct Totals {
  std::uint64_t operations = 0;
  std::uint64_t commits = 0;
  std::uint64_t openings = 0;

  Totals() = default;
  Totals(const Totals&) = delete;
  Totals& operator=(const Totals&) = delete;
  ~Totals() {
    std::printf("total: %llu operations agree with the model, %llu commits, %llu openings\n",
                static_cast<unsigned long long>(operations),
                static_cast<unsigned long long>(commits),
                static_cast<unsigned long long>(openings));
  }
};
Totals totals;

/// Says what is about to happen, so that it is known even if the process ends in the middle.
void run_course(std::uint64_t seed) {
  Course course(seed);
  const std::uint32_t page_size = course.page_size();
  std::printf("course of seed %llu: pages of %u bytes, %s\n", static_cast<unsigned long long>(seed),
              page_size, course.is_on_disk() ? "in a file" : "in memory");
  static_cast<void>(std::fflush(stdout));
  CAPTURE(seed);
  CAPTURE(page_size);
  course.run(operations_of_course);
  totals.operations += course.operations();
  totals.commits += course.commits();
  totals.openings += course.openings();
}

/// The courses of one page size, or the one whose seed QUIRE_MODEL_SEED says.
void run_courses(std::uint64_t page_size_index) {
  const char* const only = std::getenv("QUIRE_MODEL_SEED");
  const std::uint64_t sizes = model_page_sizes.size();
  if (only != nullptr) {
    const std::uint64_t seed = std::strtoull(only, nullptr, 10);
    if (seed % sizes == page_size_index) run_course(seed);
    return;
  }
  const std::uint64_t count = scaled(course_count / sizes);
  for (std::uint64_t number = 0; number < count; ++number)
    run_course(number * sizes + page_size_index);
}

TEST_CASE("a database with pages of 4 KiB answers like sorted maps") { run_courses(0); }
TEST_CASE("a database with pages of 8 KiB answers like sorted maps") { run_courses(1); }
TEST_CASE("a database with pages of 16 KiB answers like sorted maps") { run_courses(2); }
TEST_CASE("a database with pages of 32 KiB answers like sorted maps") { run_courses(3); }
TEST_CASE("a database with pages of 64 KiB answers like sorted maps") { run_courses(4); }

}  // namespace
}  // namespace quire::test
