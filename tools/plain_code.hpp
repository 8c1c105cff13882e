// Plain codes: described structs that are stored as they lie in memory, as JSON and back. Their
// descriptor tells where each field lies:
//   plain(Name,size=16,align=8,0:id:u64,8:code:array(char,8))
//
//   structs                objects of their fields
//   numbers, enums, bools  as everywhere
//   char, arrays of them   texts without the zeros that fill them up; {"hex": ...} of all the bytes
//                          when that would not be the same again
//   other arrays           arrays
//   bytes, and fields of which nothing is known: "0x" and hexadecimal digits
//
// Law: what is shown and written again is the same bytes, but for padding, which is zero then, and
// the many forms of a NaN.
#pragma once

#include <memory>

#include "tools/descriptor.hpp"
#include "tools/typed_code.hpp"

namespace kvtool {

/// Null where the descriptor tells no fields, or such as make no sense.
std::shared_ptr<const TypedCode> plain_code_of(const Descriptor& descriptor);

}  // namespace kvtool
