// Recreate: what becomes of a table that is there already.
#pragma once

#include <cstdint>

namespace quire {

/// Said of a table by its builder, or of all tables of a storage by that of the storage.
enum class Recreate : std::uint8_t {
  never,            ///< opened; type_mismatch where its schema is another
  if_incompatible,  ///< where its schema is another: dropped with all that it holds, and made anew
  always            ///< dropped with all that it holds, and made anew, at each opening
};

}  // namespace quire
