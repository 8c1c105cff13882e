#include "quire/api/lmdb/view.hpp"

#include <lmdb.h>

#include <algorithm>
#include <utility>

#include "quire/api/lmdb/lmdb_error.hpp"
#include "quire/api/lmdb/stored_key.hpp"

namespace quire {
namespace {

/// LMDB reads from it only, though its type does not say so.
MDB_val value_for_lmdb(Bytes bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): see above.
  return {.mv_size = bytes.size(), .mv_data = const_cast<std::byte*>(bytes.data())};
}

Bytes bytes_of_lmdb(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

MDB_cursor_op operation_for(LmdbStep step) {
  switch (step) {
    case LmdbStep::to_last: return MDB_LAST;
    case LmdbStep::to_at_or_after: return MDB_SET_RANGE;
    case LmdbStep::next: return MDB_NEXT;
    case LmdbStep::previous: return MDB_PREV;
  }
  return MDB_GET_CURRENT;
}

Failure key_too_long_for_lmdb(std::size_t size) {
  return fail(Error(ErrorCode::key_too_long)
                  .with_detail(std::to_string(size) + " bytes, and LMDB takes 507"));
}

Failure value_too_large_for_lmdb(std::size_t size) {
  return fail(Error(ErrorCode::value_too_large).with_detail(std::to_string(size) + " bytes"));
}

}  // namespace

LmdbView::LmdbView(std::shared_ptr<LmdbEnvironment> environment, MDB_txn* txn, Access access)
    : environment_(std::move(environment)), handle_(txn), id_{::mdb_txn_id(txn)}, access_(access) {}

LmdbView::~LmdbView() {
  if (access_ == Access::read_only) {
    environment_->take_back(handle_);
  } else {
    abandon();
  }
}

Status LmdbView::check_open() const {
  if (handle_ != nullptr) return {};
  return fail(Error(ErrorCode::closed).with_detail("the transaction has ended"));
}

Failure LmdbView::failed(int code) const { return lmdb_failure(code, environment_->path()); }

Result<std::optional<Bytes>> LmdbView::get(TableId table, Bytes key) const {
  const LmdbKey stored(table, key);
  if (!stored.is_storable()) return std::optional<Bytes>();
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_val at = value_for_lmdb(stored.bytes());
  MDB_val value;
  const int code = ::mdb_get(handle_, environment_->tables_, &at, &value);
  if (code == MDB_NOTFOUND) return std::optional<Bytes>();
  if (code != 0) return failed(code);
  return bytes_of_lmdb(value);
}

Result<bool> LmdbView::is_empty() const {
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_stat counts;
  if (const int code = ::mdb_stat(handle_, environment_->tables_, &counts); code != 0)
    return failed(code);
  return counts.ms_entries == 0;
}

Result<MDB_cursor*> LmdbView::open_cursor() const {
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_cursor* cursor = nullptr;
  const int code = ::mdb_cursor_open(handle_, environment_->tables_, &cursor);
  if (code != 0) return failed(code);
  return cursor;
}

void LmdbView::close_cursor(MDB_cursor* cursor) const noexcept {
  const std::scoped_lock lock(calls_);
  if (handle_ != nullptr) ::mdb_cursor_close(cursor);
}

Result<std::optional<LmdbEntry>> LmdbView::move(MDB_cursor* cursor, LmdbStep step, Bytes to) const {
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_val key = value_for_lmdb(to);
  MDB_val value;
  const int code = ::mdb_cursor_get(cursor, &key, &value, operation_for(step));
  if (code == MDB_NOTFOUND) return std::optional<LmdbEntry>();
  if (code != 0) return failed(code);
  return LmdbEntry{.key = bytes_of_lmdb(key), .value = bytes_of_lmdb(value)};
}

Result<bool> LmdbView::put(TableId table, Bytes key, Bytes value, PutMode mode) {
  if (mode == PutMode::replace_only) {
    const auto old = get(table, key);
    if (!old) return fail(old);
    return *old ? store(table, key, value, 0) : Result<bool>(false);
  }
  auto inserted = store(table, key, value, MDB_NOOVERWRITE);
  if (!inserted || *inserted || mode == PutMode::insert_only) return inserted;
  if (const auto replaced = store(table, key, value, 0); !replaced) return replaced;
  return false;
}

Result<LmdbView::Room> LmdbView::reserve(TableId table, Bytes key, std::uint64_t size) {
  MDB_val content{.mv_size = size, .mv_data = nullptr};
  const auto inserted = store(table, key, content, MDB_RESERVE | MDB_NOOVERWRITE);
  if (!inserted) return fail(inserted);
  if (!*inserted) {
    content = {.mv_size = size, .mv_data = nullptr};
    if (const auto replaced = store(table, key, content, MDB_RESERVE); !replaced)
      return fail(replaced);
  }
  const MutableBytes room(static_cast<std::byte*>(content.mv_data), size);
  std::ranges::fill(room, std::byte{});
  return Room{.bytes = room, .is_new = *inserted};
}

Result<bool> LmdbView::store(TableId table, Bytes key, Bytes value, unsigned flags) {
  MDB_val content = value_for_lmdb(value);
  return store(table, key, content, flags);
}

Result<bool> LmdbView::store(TableId table, Bytes key, MDB_val& content, unsigned flags) {
  const LmdbKey stored(table, key);
  if (!stored.is_storable()) return key_too_long_for_lmdb(key.size());
  if (content.mv_size > layout::max_value_size) return value_too_large_for_lmdb(content.mv_size);
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_val at = value_for_lmdb(stored.bytes());
  const int code = ::mdb_put(handle_, environment_->tables_, &at, &content, flags);
  if (code == MDB_KEYEXIST) return false;
  if (code != 0) return failed(code);
  return true;
}

Result<bool> LmdbView::erase(TableId table, Bytes key) {
  const LmdbKey stored(table, key);
  if (!stored.is_storable()) return false;
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return fail(open);
  MDB_val at = value_for_lmdb(stored.bytes());
  const int code = ::mdb_del(handle_, environment_->tables_, &at, nullptr);
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) return failed(code);
  return true;
}

Status LmdbView::erase_all(TableId table) {
  const LmdbKey prefix(table, {});
  const auto cursor = open_cursor();
  if (!cursor) return fail(cursor);
  Status done;
  while (done) {
    const auto entry = move(*cursor, LmdbStep::to_at_or_after, prefix.bytes());
    if (!entry) done = fail(entry);
    if (!entry || !*entry || shared_prefix((*entry)->key, prefix.bytes()) < prefix.bytes().size())
      break;
    const std::scoped_lock lock(calls_);
    if (const int code = ::mdb_cursor_del(*cursor, 0); code != 0) done = failed(code);
  }
  close_cursor(*cursor);
  return done;
}

Status LmdbView::commit() {
  const std::scoped_lock lock(calls_);
  if (Status open = check_open(); !open) return open;
  const int code = ::mdb_txn_commit(handle_);
  end();
  if (code != 0) return failed(code);
  return {};
}

void LmdbView::abandon() noexcept {
  const std::scoped_lock lock(calls_);
  if (handle_ == nullptr) return;
  ::mdb_txn_abort(handle_);
  end();
}

void LmdbView::end() noexcept {
  handle_ = nullptr;
  environment_->end_write();
}

}  // namespace quire
