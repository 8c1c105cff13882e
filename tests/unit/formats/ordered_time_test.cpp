#include "quire/formats/ordered_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <ratio>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

namespace chrono = std::chrono;

/// Counts sessions of a game, which are the same to everybody who plays it.
struct GameClock {
  using duration = chrono::duration<std::int32_t>;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = chrono::time_point<GameClock>;
};
struct UnnamedClock : GameClock {};

}  // namespace
}  // namespace quire::test

template <>
inline constexpr std::string_view quire::clock_name<quire::test::GameClock> = "game";

namespace quire::test {
namespace {

using Ticks = chrono::duration<std::uint32_t, std::ratio<1, 60>>;

TEST_CASE("ordered codes keep the order of times and durations") {
  check_laws_of_each<chrono::system_clock::time_point, chrono::nanoseconds, Ticks,
                     chrono::local_seconds, GameClock::time_point>();
}

// Law: counts that the type cannot hold are not its keys.
TEST_CASE("a count that is too large for its type is corrupt") {
  const OrderedFormat format;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  CHECK(format.decode<Ticks>(encoded<std::int64_t>(most)).value() == Ticks::max());
  CHECK(format.decode<Ticks>(encoded<std::int64_t>(most + 1)).error().code() == ErrorCode::corrupt);
  CHECK(format.decode<Ticks>(encoded<std::int64_t>(-1)).error().code() == ErrorCode::corrupt);
}

// Law: what the library counts with does not show in the file.
TEST_CASE("days of any integer are stored alike") {
  using ShortDays = chrono::duration<std::int16_t, chrono::days::period>;
  CHECK(encoded<ShortDays>(ShortDays(-7)) == encoded<chrono::days>(chrono::days(-7)));
  CHECK(OrderedFormat{}.descriptor<ShortDays>() == OrderedFormat{}.descriptor<chrono::days>());
}

TEST_CASE("descriptors of times name clock and period") {
  const OrderedFormat format;
  CHECK(format.descriptor<chrono::sys_time<chrono::nanoseconds>>() ==
        "time(system,i64,1/1000000000)");
  CHECK(format.descriptor<chrono::sys_days>() == "time(system,i64,86400/1)");
  CHECK(format.descriptor<chrono::local_seconds>() == "time(local,i64,1/1)");
  CHECK(format.descriptor<GameClock::time_point>() == "time(game,i64,1/1)");
  CHECK(format.descriptor<chrono::milliseconds>() == "duration(i64,1/1000)");
  CHECK(format.descriptor<chrono::duration<std::int64_t, std::ratio<4, 6>>>() ==
        "duration(i64,2/3)");
}

// Law: times that mean nothing to another process are refused when the program is compiled.
static_assert(!OrderedKey<chrono::steady_clock::time_point> && OrderedKey<chrono::sys_days>);
static_assert(!OrderedKey<chrono::time_point<UnnamedClock>>);
static_assert(!OrderedKey<chrono::file_clock::time_point>);
static_assert(!OrderedKey<chrono::duration<double>>);
static_assert(!OrderedKey<chrono::duration<std::uint64_t>>, "not all of them fit the stored form");

}  // namespace
}  // namespace quire::test
