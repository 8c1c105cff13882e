// WriteTurn: the writer's place, and the transaction of the one who has it.
#pragma once

#include <memory>
#include <utility>

#include "quire/engine/txn/open_transaction.hpp"
#include "quire/engine/txn/opening.hpp"

namespace quire {

struct WriteTurn {
  /// Keeps the opening.
  WriteTurn(std::shared_ptr<Opening> by, WriterPlace taken)
      : opening(std::move(by)),
        place(std::move(taken)),
        open(*place, opening->options().durability) {}

  const std::shared_ptr<Opening> opening;
  const WriterPlace place;
  OpenTransaction open;
};

}  // namespace quire
