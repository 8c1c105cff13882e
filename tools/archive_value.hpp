// What the JSON of an archive's value stands for.
//
// Invariant: all but misfit() need JSON in which that found nothing wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quire/formats/rkyv/schema.hpp"
#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/wide_number.hpp"

namespace kvtool::archive {

/// Why JSON is no value of a type; nothing when it is one.
std::optional<std::string> misfit(const quire::rkyv::Type& type, const Json& value);

/// A variant and its fields as the type says; they live as long as the JSON.
struct Chosen {
  const quire::rkyv::Variant* variant;
  const Json* fields;
};
Chosen chosen_variant(const quire::rkyv::Type& type, const Json& value);
/// A part of a struct or a tuple.
const Json& part_of(const std::vector<quire::rkyv::Part>& parts, const quire::rkyv::Part& part,
                    const Json& value);
/// Whether null stands for a value of the type, so that an option of it needs another none.
bool may_be_null(const quire::rkyv::Type& type);

/// Of its own size; the rest zero.
WideNumber integer_bits(const quire::rkyv::Type& type, const Json& value);
WideNumber float_bits(const quire::rkyv::Type& type, const Json& value);
/// The bytes of a text with its zero.
quire::ByteString text_with_zero(const Json& value);

}  // namespace kvtool::archive
