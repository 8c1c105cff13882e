#include "quire/formats/ordered_scalar.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <limits>
#include <vector>

#include "unit/formats/ordered_laws.hpp"

namespace quire::test {
namespace {

template <class T>
T with_bits(auto bits) {
  return std::bit_cast<T>(bits);
}

/// Values in IEEE total order, without the negative ones.
template <class T>
std::vector<T> rising() {
  using Limits = std::numeric_limits<T>;
  return {T{0}, Limits::denorm_min(),     Limits::min(), Limits::epsilon(),  T{0.5},
          T{1}, T{1} + Limits::epsilon(), Limits::max(), Limits::infinity(), Limits::quiet_NaN()};
}

template <class T>
void check_total_order() {
  std::vector<T> all = rising<T>();
  for (const T value : rising<T>()) all.insert(all.begin(), -value);
  for (std::size_t left = 0; left < all.size(); ++left) {
    for (std::size_t right = 0; right < all.size(); ++right) {
      CAPTURE(left);
      CAPTURE(right);
      CHECK((compare(encoded<T>(all[left]), encoded<T>(all[right])) <=> 0) == (left <=> right));
    }
  }
}

// Law: -NaN < -inf < ... < -0 < +0 < ... < +inf < +NaN.
TEST_CASE("floating point numbers are in the total order of IEEE 754") {
  check_total_order<float>();
  check_total_order<double>();
}

TEST_CASE("ordered codes keep the order of floating point numbers") {
  check_laws_of_each<float, double>();
}

// Law: no bit is lost, not even of a NaN, and zero keeps its sign.
TEST_CASE("floating point numbers come back with all their bits") {
  const OrderedFormat format;
  for (const std::uint32_t bits : {0x7F800001U, 0x7FC00000U, 0xFFFFFFFFU, 0x80000000U, 0U, 1U}) {
    const auto decoded = format.decode<float>(encoded<float>(with_bits<float>(bits)));
    CHECK(std::bit_cast<std::uint32_t>(decoded.value()) == bits);
  }
  for (const std::uint64_t bits : {0x7FF0000000000001U, 0xFFF8000000000007U, 1UL << 63, 0UL}) {
    const auto decoded = format.decode<double>(encoded<double>(with_bits<double>(bits)));
    CHECK(std::bit_cast<std::uint64_t>(decoded.value()) == bits);
  }
}

TEST_CASE("descriptors of scalars") {
  const OrderedFormat format;
  CHECK(format.descriptor<float>() == "f32");
  CHECK(format.descriptor<double>() == "f64");
  CHECK(format.descriptor<Int128>() == "i128");
  CHECK(format.descriptor<UnsignedInt128>() == "u128");
}

static_assert(!OrderedKey<long double>, "its size differs between systems");

}  // namespace
}  // namespace quire::test
