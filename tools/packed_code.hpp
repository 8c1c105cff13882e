// The code of compressed values: zstd(...) around another descriptor.
#pragma once

#include <memory>

#include "tools/typed_code.hpp"

namespace kvtool {

/// Values whose inner type has no code are shown as the bytes that they are unpacked. Null when
/// the descriptor is none of compressed values.
std::shared_ptr<const TypedCode> packed_code_of(const Descriptor& descriptor);

}  // namespace kvtool
