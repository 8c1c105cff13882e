#include "quire/engine/base/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>

namespace quire {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Error(ErrorCode::invalid_argument).with_detail("an odd number"));
  return number / 2;
}

Result<std::string> half_as_text(int number) {
  const Result<int> halved = half(number);
  if (!halved) return fail(halved);
  return std::to_string(*halved);
}

TEST_CASE("a result holds a value or an error") {
  CHECK(half(4).value() == 2);
  CHECK(half(4).has_value());
  CHECK_FALSE(half(3).has_value());
  CHECK(half(3).error().code() == ErrorCode::invalid_argument);
}

// It was a reference into the result, which a range-for had destroyed before its first round.
TEST_CASE("the value of a result that goes is taken out of it") {
  static_assert(std::is_same_v<decltype(half_as_text(4).value()), std::string>);
  std::string text;
  for (const char character : half_as_text(24690).value()) text += character;
  CHECK(text == "12345");
}

TEST_CASE("taking the value of a failed result throws the error's message") {
  const std::string message = half(3).error().message();
  CHECK(message.find("an odd number") != std::string::npos);
  CHECK_THROWS_WITH_AS(static_cast<void>(half(3).value()), message.c_str(), BadResult);

  Result<int> failed = half(3);
  const Result<int>& const_failed = failed;
  CHECK_THROWS_AS(static_cast<void>(failed.value()), BadResult);
  CHECK_THROWS_AS(static_cast<void>(const_failed.value()), BadResult);
}

TEST_CASE("what is thrown still holds the error") {
  try {
    static_cast<void>(half(3).value());
    FAIL("a failed result gave a value");
  } catch (const BadResult& thrown) {
    CHECK(thrown.error().code() == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a status is done or says why not") {
  const Status done;
  CHECK(done.has_value());
  CHECK_NOTHROW(done.value());

  const Status failed = fail(ErrorCode::busy);
  CHECK_FALSE(failed.has_value());
  CHECK_THROWS_WITH_AS(failed.value(), Error(ErrorCode::busy).message().c_str(), BadResult);
}

TEST_CASE("a failure passes unchanged into a result of another type") {
  CHECK(half_as_text(8).value() == "4");
  CHECK(half_as_text(7).error().detail() == "an odd number");
}

TEST_CASE("a value that can only move comes out by moving") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 5);
}

}  // namespace
}  // namespace quire
