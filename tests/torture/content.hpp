// What the torture's writers put into the file, and the laws of every state of it.
//
// A writer numbers its transactions from 1. Each raises its count by one, puts a few entries whose
// keys and bytes follow from (writer, number), and erases those of its oldest transactions:
//
//   total                             how many transactions of all writers are in
//   worker/WRITER/count               its live transactions: first (8) | last (8)
//   worker/WRITER/entry/NUMBER/PART   bytes that follow from the key
//
// So a state tells of itself whether it is whole: nothing is missing, changed or left over, and the
// total says whether a writer has built on what it should have.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/txn/snapshot.hpp"
#include "support/model_material.hpp"
#include "torture/board.hpp"

namespace quire::test {

inline constexpr const char* table_name = "torture";

/// The transactions of one writer whose entries are there; none when first is after last.
struct Window {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  bool operator==(const Window&) const = default;
};
using Windows = std::array<Window, writer_count>;

std::string total_key();
std::string count_key(std::uint32_t writer);
std::string entry_key(std::uint32_t writer, std::uint64_t number, std::uint32_t part);

/// How many entries a transaction puts.
std::uint32_t part_count(std::uint32_t writer, std::uint64_t number);
/// What is in them: from 8 bytes to tens of KiB.
Recipe recipe_of(std::uint32_t writer, std::uint64_t number, std::uint32_t part);

/// Window and total as they are stored.
std::string bytes_of(const Window& window);
std::string bytes_of(std::uint64_t total);
Window window_of(Bytes bytes);
std::uint64_t total_of(const Windows& windows);

/// A value as it was seen.
struct Piece {
  Bytes bytes;
  Recipe recipe;
};

struct Content {
  Windows windows{};
  std::vector<Piece> pieces;
};

/// Reads all entries of the tree. Reports a breach when they are not one whole state.
Content read_content(Cursor&& cursor);
/// Those of a state; nothing before the first transaction.
Content read_snapshot(const Snapshot& snapshot);

/// Law: what was seen once is still there.
void demand_above(const Floor& floor, TxnId txn, const Windows& windows);
/// Law: nothing is there that nobody has asked for. The board is looked at now.
void demand_attempted(const Board& board, const Windows& windows);

}  // namespace quire::test
