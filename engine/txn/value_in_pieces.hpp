// ValueInPieces: what a ValueWriter and its transaction have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/txn/run_stream.hpp"

namespace quire {

class OpenTransaction;

struct ValueInPieces {
  std::shared_ptr<OpenTransaction*> transaction;  ///< to nothing: it has ended
  std::uint64_t number = 0;                       ///< in the transaction's list
  TableId table;
  std::string table_name;
  std::vector<std::byte> key;
  std::uint64_t size = 0;
  std::uint64_t missing = 0;
  std::optional<RunStream> run;         ///< none: it will lie in a leaf
  std::vector<std::byte> inline_bytes;  ///< and waits here
};

}  // namespace quire
