// ValueCheck: what a value format finds wrong with stored bytes.
//
// For formats whose check takes longer than a read: it is made once for each version of a page,
// for all values in it.
#pragma once

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

/// Thread-safe, and the same for all handles of one table. The format must outlive it.
struct ValueCheck {
  Status (*run)(const void* format, Bytes value) = nullptr;
  const void* format = nullptr;

  Status operator()(Bytes value) const { return run(format, value); }
};

}  // namespace quire
