// Schema mismatch: what the file says of a table against what the program asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quire/engine/engine.hpp"
#include "quire/formats/descriptor.hpp"

namespace quire {

/// What a program asks of a table, and what of another's values it would take for its own.
struct AskedTable {
  TableSpec spec;
  DescriptorRule value_rule = first_differing_word;
};

namespace detail {

/// "key, stored u32, asked u64": where two descriptors first differ; nothing when they may stand
/// for one another.
inline std::optional<std::string> first_difference(std::string_view of, std::string_view stored,
                                                   std::string_view asked,
                                                   DescriptorRule rule = first_differing_word) {
  const auto difference = rule(stored, asked);
  if (!difference) return {};
  return std::string(of) + ", " + *difference;
}

inline std::optional<std::string> first_difference(const TableInfo& stored,
                                                   const AskedTable& asked) {
  const TableSpec& spec = asked.spec;
  auto of_key = first_difference("key", stored.key_descriptor, spec.key_descriptor);
  if (of_key) return of_key;
  auto of_value =
      first_difference("value", stored.value_descriptor, spec.value_descriptor, asked.value_rule);
  if (of_value || stored.root.alignment() >= spec.value_alignment) return of_value;
  return "value alignment, stored " + std::to_string(stored.root.alignment()) + ", asked " +
         std::to_string(spec.value_alignment);
}

inline std::string both_descriptors(std::string_view key, std::string_view value) {
  return "key " + shortened_descriptor(key) + ", value " + shortened_descriptor(value);
}

}  // namespace detail

/// Whether a table may be opened with these formats: type_mismatch, with both schemas and where
/// they first differ in the detail.
inline Status check_schema(const TableInfo& stored, const AskedTable& asked) {
  const auto difference = detail::first_difference(stored, asked);
  if (!difference) return {};
  return fail(
      Error(ErrorCode::type_mismatch)
          .with_detail(
              "table \"" + stored.name + "\"; stored: " +
              detail::both_descriptors(stored.key_descriptor, stored.value_descriptor) +
              "; asked: " +
              detail::both_descriptors(asked.spec.key_descriptor, asked.spec.value_descriptor) +
              "; first difference: " + *difference));
}

}  // namespace quire
