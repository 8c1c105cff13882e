// The content of the golden file of formats: a table for each kind of key and value that
// golden_content.hpp, which is of bytes alone, says nothing of.
//
// It never changes; what a later version adds goes into a golden file of its own.
#pragma once

#include <golden_order_bfbs_generated.h>
#include <golden_order_generated.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "quire/formats/compressed.hpp"
#include "quire/formats/flatbuffers.hpp"
#include "quire/formats/rkyv.hpp"
#include "quire/quire.hpp"

namespace quire::test {

// ---- Types

enum class GoldenColor : std::uint8_t { red = 1, green, blue = 9 };
QUIRE_DESCRIBE_ENUM(GoldenColor, red, green, blue)

struct GoldenBox {
  float width = 0;
  std::vector<std::string> labels;
  bool operator==(const GoldenBox&) const = default;
};
QUIRE_DESCRIBE(GoldenBox, width, labels)

using GoldenShape = std::variant<std::monostate, double, GoldenBox>;
QUIRE_DESCRIBE_VARIANT(GoldenShape, (Nothing, 0), (Circle, 1), (Box, 7))

struct GoldenRecord {
  std::string name;
  std::vector<std::uint16_t> numbers;
  std::unordered_map<std::string, std::uint32_t> counts;
  GoldenColor color = GoldenColor::red;
  GoldenShape shape;
  std::optional<std::string> remark;
  UnsignedInt128 wide = 0;
  bool operator==(const GoldenRecord&) const = default;
};
QUIRE_DESCRIBE(GoldenRecord, name, numbers, counts, color, shape, remark, wide)

struct GoldenKey {
  std::string region;
  Descending<std::uint32_t> year;
  std::optional<std::int8_t> part;
  bool operator==(const GoldenKey&) const = default;
};
QUIRE_DESCRIBE(GoldenKey, region, year, part)

// ---- Entries

template <class K, class Given>
using GoldenEntries = std::vector<std::pair<K, Given>>;

inline GoldenRecord golden_record(std::uint32_t number) {
  GoldenRecord record;
  record.name = "record number " + std::to_string(number);
  record.numbers.assign(number, static_cast<std::uint16_t>(number * 257));
  // Short keys, which lie within the table: its bytes do not depend on the order in which they
  // come.
  for (std::uint32_t key = 0; key < number % 5; ++key)
    record.counts["k" + std::to_string(key)] = number + key;
  record.color = std::array{GoldenColor::red, GoldenColor::green, GoldenColor::blue}[number % 3];
  if (number % 3 == 1) record.shape = number + 0.5;
  if (number % 3 == 2) record.shape = GoldenBox{.width = 1.5F, .labels = {"", "a longer label"}};
  if (number % 2 == 1) record.remark = std::string(number, 'r');
  record.wide = (UnsignedInt128{number} << 100) + 1;
  return record;
}

inline GoldenEntries<std::uint64_t, GoldenRecord> golden_records() {
  GoldenEntries<std::uint64_t, GoldenRecord> entries;
  for (std::uint32_t number = 0; number < 24; ++number)
    entries.emplace_back(1000 * number, golden_record(number));
  return entries;
}

inline golden::OrderT golden_order(std::uint32_t number) {
  golden::OrderT order;
  order.customer = "customer " + std::to_string(number);
  if (number % 2 == 1) order.priority = golden::Priority::high;
  if (number % 3 != 0) order.span = std::make_unique<golden::Span>(number, number + 0.25);
  for (std::uint32_t line = 0; line < number; ++line) {
    order.lines.push_back(std::make_unique<golden::LineT>());
    order.lines.back()->article = "article " + std::to_string(line);
    order.lines.back()->count = line;
  }
  order.codes.assign(number % 4, std::uint64_t{number} << 40);
  if (number % 3 == 1) order.extra.Set(golden::NoteT());
  if (number % 3 == 2) order.extra.Set(golden::LineT(*order.lines.front()));
  return order;
}

inline GoldenEntries<std::uint32_t, golden::OrderT> golden_orders() {
  GoldenEntries<std::uint32_t, golden::OrderT> entries;
  for (std::uint32_t number = 0; number < 12; ++number)
    entries.emplace_back(number, golden_order(number));
  return entries;
}

/// Texts that are stored as they are, and others as frames.
inline GoldenEntries<std::string, std::string> golden_texts() {
  GoldenEntries<std::string, std::string> entries;
  for (std::uint32_t number = 0; number < 16; ++number) {
    std::string text;
    while (text.size() < number * 50)
      text += "verse " + std::to_string(text.size() * number % 17) + " of the same song; ";
    entries.emplace_back("text " + std::string(1, static_cast<char>('a' + number)), text);
  }
  return entries;
}

/// Keys in their order; each leads to its place in it.
template <class K>
GoldenEntries<K, std::uint32_t> numbered(std::vector<K> keys) {
  GoldenEntries<K, std::uint32_t> entries;
  for (K& key : keys) {
    const auto place = static_cast<std::uint32_t>(entries.size());
    entries.emplace_back(std::move(key), place);
  }
  return entries;
}

template <class T>
std::vector<T> golden_numbers() {
  using Limits = std::numeric_limits<T>;
  return {-Limits::infinity(),
          Limits::lowest(),
          T{-1.5},
          -Limits::denorm_min(),
          -T{0},
          T{0},
          T{0.25},
          Limits::max(),
          Limits::infinity(),
          Limits::quiet_NaN()};
}

inline std::vector<Uuid> golden_uuids() {
  std::vector<Uuid> uuids(8);
  for (std::size_t number = 1; number < uuids.size(); ++number) {
    uuids[number].bytes.fill(static_cast<std::byte>(number));
    uuids[number].bytes[0] = static_cast<std::byte>(32 * number);
  }
  return uuids;
}

inline std::vector<GoldenKey> golden_keys() {
  using Year = Descending<std::uint32_t>;
  return {{"", Year(7), {}},
          {"a", Year(2026), -1},
          {"a", Year(2026), 3},
          {"a", Year(2025), {}},
          {"a", Year(2025), -128},
          {std::string("a\0b", 3), Year(1), {}},
          {"aa", Year(4294967295U), 0},
          {"b", Year(0), {}}};
}

/// Calls visit<K, V>(name, value_format, entries) for each table.
template <class Visit>
void for_each_golden_table(Visit&& visit) {
  using std::chrono::microseconds;
  using std::chrono::sys_seconds;
  const auto orders = FlatbuffersFormat<golden::Order>::with_schema(
      golden::OrderBinarySchema::data(), golden::OrderBinarySchema::size());
  const PlainFormat plain;
  visit.template operator()<GoldenRecord>("records", RkyvFormat{}, golden_records());
  visit.template operator()<golden::Order>("orders", orders.value(), golden_orders());
  visit.template operator()<std::string>("texts", Compressed{TextFormat{}}, golden_texts());
  const auto keys = [&]<class K>(const char* name, std::vector<K> sorted) {
    visit.template operator()<std::uint32_t>(name, plain, numbered(std::move(sorted)));
  };
  keys("by float", golden_numbers<float>());
  keys("by double", golden_numbers<double>());
  keys("by time", std::vector{sys_seconds::min(), sys_seconds(std::chrono::seconds(-1)),
                              sys_seconds(), sys_seconds(std::chrono::seconds(1'800'000'000))});
  keys("by duration", std::vector{microseconds(-5), microseconds(0), microseconds(1'000'000)});
  keys("by uuid", golden_uuids());
  keys("by optional", std::vector<std::optional<std::string>>{{}, "", "a", "ab", "b"});
  keys("by array", std::vector<std::array<std::int16_t, 3>>{{-2, 9, 9}, {0, 0, -1}, {0, 0, 0}});
  keys("by vector", std::vector<std::vector<std::string>>{{}, {""}, {"", "a"}, {"a"}, {"a", ""}});
  keys("by struct", golden_keys());
  using Backward = Descending<std::string>;
  keys("by descending", std::vector{Backward("b"), Backward("ab"), Backward("a"), Backward("")});
}

}  // namespace quire::test
