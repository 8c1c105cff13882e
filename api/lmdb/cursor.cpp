#include "quire/api/lmdb/cursor.hpp"

#include <algorithm>
#include <limits>

#include "quire/api/lmdb/stored_key.hpp"

namespace quire {

LmdbCursor::~LmdbCursor() {
  if (handle_ != nullptr) view_->close_cursor(handle_);
}

LmdbCursor::Moved LmdbCursor::move(LmdbStep step, Bytes to) {
  copies_.clear();
  if (handle_ == nullptr) {
    const auto opened = view_->open_cursor();
    if (!opened) return fail(opened);
    handle_ = *opened;
  }
  return view_->move(handle_, step, to);
}

Result<bool> LmdbCursor::arrive(const Moved& moved) {
  entry_ = {};
  if (!moved) return fail(moved);
  if (!*moved) return false;
  const LmdbKey prefix(root_.table, {});
  const Bytes key = (*moved)->key;
  if (shared_prefix(key, prefix.bytes()) < LmdbKey::prefix_size) return false;
  entry_ = {.key = key.subspan(LmdbKey::prefix_size), .value = (*moved)->value};
  return true;
}

Result<bool> LmdbCursor::arrive_before(const Moved& moved) {
  if (!moved) return arrive(moved);
  return arrive(move(*moved ? LmdbStep::previous : LmdbStep::to_last));
}

Result<bool> LmdbCursor::seek(Bytes key) {
  return arrive(move(LmdbStep::to_at_or_after, LmdbKey(root_.table, key).bytes()));
}

Result<bool> LmdbCursor::seek_last() {
  if (root_.table.value == std::numeric_limits<std::uint32_t>::max())
    return arrive(move(LmdbStep::to_last));
  const LmdbKey behind({root_.table.value + 1}, {});
  return arrive_before(move(LmdbStep::to_at_or_after, behind.bytes()));
}

Result<bool> LmdbCursor::seek_at_or_before(Bytes key) {
  const LmdbKey stored(root_.table, key);
  const Moved moved = move(LmdbStep::to_at_or_after, stored.bytes());
  if (moved && *moved && equal((*moved)->key, stored.bytes())) return arrive(moved);
  return arrive_before(moved);
}

Result<bool> LmdbCursor::seek_nth(std::uint64_t number) {
  entry_ = {};
  if (number >= root_.entries) return false;
  const bool is_forward = number < root_.entries / 2;
  std::uint64_t steps = is_forward ? number : root_.entries - 1 - number;
  auto moved = is_forward ? seek_first() : seek_last();
  for (; moved && *moved && steps > 0; --steps) moved = is_forward ? next() : previous();
  return moved;
}

Result<std::uint64_t> LmdbCursor::rank(Bytes key) const {
  LmdbCursor walk(view_, root_);
  std::uint64_t count = 0;
  auto moved = walk.seek_first();
  for (; moved && *moved && compare(walk.key(), key) < 0; moved = walk.next()) ++count;
  if (!moved) return fail(moved);
  return count;
}

Status LmdbCursor::find_many(std::span<const Bytes> keys, std::span<std::optional<Value>> values) {
  copies_.clear();
  for (std::size_t index = 0; index < keys.size(); ++index) {
    const auto stored = view_->get(root_.table, keys[index]);
    if (!stored) return fail(stored);
    values[index] = *stored;
    if (values[index]) values[index] = copies_.align(**stored, root_.alignment());
  }
  return {};
}

}  // namespace quire
