// The code of archives: rkyv(...).
#pragma once

#include <memory>

#include "tools/typed_code.hpp"

namespace kvtool {

/// Null when the descriptor says nothing that is an archive's schema.
std::shared_ptr<const TypedCode> archive_code_of(const Descriptor& descriptor);

}  // namespace kvtool
