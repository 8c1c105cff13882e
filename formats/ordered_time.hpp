// Order-preserving codes of std::chrono: durations, and points in time of clocks that mean the same
// to every program.
//
// Law: the stored form is a count of 64 bits, whatever integer the standard library counts with, so
// std::chrono::days is stored alike everywhere. The period is a part of the descriptor: a table of
// seconds is not opened as one of milliseconds.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/names.hpp"
#include "quire/formats/ordered_code.hpp"
#include "quire/formats/ordered_scalar.hpp"

namespace quire {

/// The name of a clock in descriptors. None unless specialised: points in time of such a clock are
/// no keys. Specialise it for a clock of yours whose epoch is the same in every process for ever.
template <class Clock>
inline constexpr std::string_view clock_name{};

/// Since 1970, UTC, without leap seconds.
template <>
inline constexpr std::string_view clock_name<std::chrono::system_clock> = "system";
/// Time of day in some place that the key does not name, since 1970 there.
template <>
inline constexpr std::string_view clock_name<std::chrono::local_t> = "local";
#if defined(__cpp_lib_chrono) && __cpp_lib_chrono >= 201907L
/// Since 1970, with leap seconds.
template <>
inline constexpr std::string_view clock_name<std::chrono::utc_clock> = "utc";
/// Since 1958 and since 1980.
template <>
inline constexpr std::string_view clock_name<std::chrono::tai_clock> = "tai";
template <>
inline constexpr std::string_view clock_name<std::chrono::gps_clock> = "gps";
#endif

/// A clock whose points in time may lie in a file. A steady clock begins anew with each run of the
/// system, and where a file clock begins is the library's choice.
template <class Clock>
concept StoredClock = !clock_name<Clock>.empty() && !std::same_as<Clock, std::chrono::steady_clock>;

/// An integer whose values all fit 64 bits with a sign.
template <class T>
concept TimeCount = Integer<T> && (std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t));

namespace detail {

/// "i64,1/1000": what is counted with, and the length of one count in seconds.
template <class Duration>
std::string time_unit() {
  using Period = typename Duration::period;
  return scalar_name<std::int64_t>() + "," + std::to_string(Period::num) + "/" +
         std::to_string(Period::den);
}

}  // namespace detail

template <TimeCount Count, class Period>
struct OrderedCode<std::chrono::duration<Count, Period>> {
  using Argument = std::chrono::duration<Count, Period>;
  static constexpr std::size_t fixed_size = sizeof(std::int64_t);

  static std::string descriptor() { return "duration(" + detail::time_unit<Argument>() + ")"; }
  static std::size_t measure(Argument, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, Argument value, Place place) noexcept {
    return OrderedCode<std::int64_t>::write(target, value.count(), place);
  }
  static std::optional<Argument> read(Bytes& rest, Place place) noexcept {
    const auto count = OrderedCode<std::int64_t>::read(rest, place);
    if (!count || !std::in_range<Count>(*count)) return {};
    return Argument(static_cast<Count>(*count));
  }
};
static_assert(OrderedKey<std::chrono::milliseconds>);

template <StoredClock Clock, class Duration>
  requires OrderedKey<Duration>
struct OrderedCode<std::chrono::time_point<Clock, Duration>> {
  using Argument = std::chrono::time_point<Clock, Duration>;
  static constexpr std::size_t fixed_size = OrderedCode<Duration>::fixed_size;
  static_assert(is_descriptor_name(clock_name<Clock>), "letters, digits and _ . : - only");

  static std::string descriptor() {
    return std::string("time(").append(clock_name<Clock>) + "," + detail::time_unit<Duration>() +
           ")";
  }
  static std::size_t measure(Argument, Place) noexcept { return fixed_size; }
  static std::byte* write(std::byte* target, Argument value, Place place) noexcept {
    return OrderedCode<Duration>::write(target, value.time_since_epoch(), place);
  }
  static std::optional<Argument> read(Bytes& rest, Place place) noexcept {
    const auto since_epoch = OrderedCode<Duration>::read(rest, place);
    return since_epoch ? std::optional(Argument(*since_epoch)) : std::nullopt;
  }
};
static_assert(OrderedKey<std::chrono::system_clock::time_point> &&
              OrderedKey<std::chrono::sys_days>);
static_assert(!OrderedKey<std::chrono::steady_clock::time_point>,
              "a point in time of a steady clock means nothing to the next run of the system");

}  // namespace quire
