// What the parts of an archive's JSON stand for; throws BadValue when they are none of the type.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "quire/formats/rkyv/schema.hpp"
#include "tools/json.hpp"
#include "tools/wide_number.hpp"

namespace kvtool {

/// Never leaves the files about archives.
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A variant and its fields as the type says; they live as long as the JSON.
struct Chosen {
  const quire::rkyv::Variant* variant;
  const Json& fields;
};

/// Of its own size; the rest zero.
WideNumber integer_bits(const quire::rkyv::Type& type, const Json& value);
Chosen chosen_variant(const quire::rkyv::Type& type, const Json& value);
/// A part of a struct or a tuple. An option's part is the whole.
const Json& part_of(const std::vector<quire::rkyv::Part>& parts, const quire::rkyv::Part& part,
                    const Json& value);
/// Whether null stands for a value of the type, so that an option of it needs another none.
bool may_be_null(const quire::rkyv::Type& type);

}  // namespace kvtool
