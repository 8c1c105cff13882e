// The code of FlatBuffers with a schema: flatbuffers(NAME,...,bfbs:...).
#pragma once

#include <memory>

#include "tools/typed_code.hpp"

namespace kvtool {

/// Null when the descriptor has no schema, or none that makes sense.
std::shared_ptr<const TypedCode> flatbuffers_code_of(const Descriptor& descriptor);

}  // namespace kvtool
