// Archives of spans of time: Rust's Duration.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

/// A span of time as Rust has it: never negative, and of more years than std::chrono's nanoseconds
/// count.
struct Duration {
  std::uint64_t seconds = 0;
  std::uint32_t nanoseconds = 0;  ///< below a second

  /// Nothing for a negative one.
  static constexpr std::optional<Duration> of(std::chrono::nanoseconds span) noexcept {
    if (span.count() < 0) return {};
    const auto count = static_cast<std::uint64_t>(span.count());
    return Duration{count / per_second, static_cast<std::uint32_t>(count % per_second)};
  }
  /// Nothing for more than 292 years.
  [[nodiscard]] constexpr std::optional<std::chrono::nanoseconds> span() const noexcept {
    constexpr auto most = static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count());
    if (seconds > (most - nanoseconds) / per_second) return {};
    return std::chrono::nanoseconds(seconds * per_second + nanoseconds);
  }

  auto operator<=>(const Duration&) const = default;

  static constexpr std::uint32_t per_second = 1'000'000'000;
};

template <>
struct Archive<Duration> {
  static constexpr Extent extent{16, 8};
  using View = Duration;

  static void own(Encoder& encoder, const Duration& value) {
    if (value.nanoseconds >= Duration::per_second)
      encoder.refuse("a duration has a second of nanoseconds");
  }
  static void put(Encoder& encoder, const Duration& value, std::uint64_t at) {
    encoder.store(at, value.seconds);
    encoder.store(at + 8, value.nanoseconds);
  }
  static Duration view(const std::byte* at) noexcept {
    return {rkyv::load<std::uint64_t>(at), rkyv::load<std::uint32_t>(at + 8)};
  }
  static Duration load(const std::byte* at, Loader&) noexcept { return view(at); }
  static void describe(Describer& words) { words << "duration"; }
};

}  // namespace quire::rkyv
