#include "quire/api/migration.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/formats/describe.hpp"
#include "quire/formats/ordered.hpp"
#include "quire/formats/rkyv.hpp"

namespace quire {
namespace detail {
namespace {

/// How far a migration is: true as long as the two tables are those of these ids, and the source
/// was not changed.
struct MigrationRecord {
  std::uint32_t source = 0;
  std::uint64_t source_changed = 0;  ///< by this transaction
  std::uint32_t staged = 0;
  std::uint64_t done = 0;              ///< entries of the source
  std::vector<std::uint8_t> last_key;  ///< of these
};
QUIRE_DESCRIBE(MigrationRecord, source, source_changed, staged, done, last_key)

constexpr std::string_view record_table = "quire.migrations";
constexpr std::string_view staged_mark = " (migrating)";

/// A batch ends with the entry that reaches one of these.
constexpr std::uint64_t batch_entries = 10'000;
constexpr std::size_t batch_bytes = std::size_t{16} << 20;

using RecordSchema = Schema<std::string, MigrationRecord, OrderedFormat, RkyvFormat>;

/// The entry of one migration in the table of all.
class MigrationRecords {
 public:
  MigrationRecords(WriteTransaction& txn, const std::string& table)
      : txn_(txn), key_(RecordSchema().encode(table)) {}

  Result<std::optional<MigrationRecord>> load() {
    const auto id = find();
    if (!id) return fail(id);
    if (!*id) return std::optional<MigrationRecord>();
    const auto stored = txn_.get(**id, record_table, key_.bytes());
    if (!stored) return fail(stored);
    if (!*stored) return std::optional<MigrationRecord>();
    if (auto checked = schema_.check(**stored); !checked) return fail(checked);
    return std::optional(schema_.view(**stored).to_owned());
  }

  Status save(const MigrationRecord& record) {
    auto id = find();
    if (!id) return fail(id);
    if (!*id) {
      const auto made = txn_.create_table(record_table, schema_.spec());
      if (!made) return fail(made);
      *id = *made;
    }
    return schema_.with_stored(record, [&](Bytes stored) -> Status {
      const auto put = txn_.put(**id, record_table, key_.bytes(), stored);
      return put ? Status() : fail(put);
    });
  }

  /// With the last of them the table goes.
  Status erase() {
    const auto id = find();
    if (!id || !*id) return id ? Status() : fail(id);
    if (auto erased = txn_.erase(**id, record_table, key_.bytes()); !erased) return fail(erased);
    const auto root = txn_.root(**id, record_table);
    if (!root || root->entries > 0) return root ? Status() : fail(root);
    return txn_.drop_table(record_table);
  }

 private:
  Result<std::optional<TableId>> find() {
    const auto info = txn_.table(record_table);
    if (!info) return fail(info);
    if (!*info) return std::optional<TableId>();
    if (auto checked = check_schema(**info, asked_by(schema_)); !checked) return fail(checked);
    return std::optional((*info)->root.table);
  }

  WriteTransaction& txn_;
  RecordSchema schema_;
  decltype(schema_.encode(std::string_view())) key_;
};

/// One commit of a migration.
class MigrationBatch {
 public:
  MigrationBatch(const MigrationTask& task, WriteTransaction& txn)
      : task_(task),
        staged_name_(task.name + std::string(staged_mark)),
        txn_(txn),
        records_(txn, task.name) {}

  /// Whether the table is of the asked schema already: another process was quicker.
  Result<bool> is_done() {
    auto stored = txn_.table(task_.name);
    if (!stored) return fail(stored);
    if (!*stored) return fail(Error(ErrorCode::table_missing).with_detail(task_.name));
    source_ = std::move(**stored);
    if (check_schema(source_, task_.asked)) {
      record_.staged = source_.root.table.value;
      return true;
    }
    if (auto checked = check_schema(source_, task_.migration.from); !checked) return fail(checked);
    return false;
  }

  /// Finds out where to go on, or begins anew.
  Status prepare() {
    const auto changed = txn_.changed(source_.root);
    if (!changed) return fail(changed);
    const auto staged = txn_.table(staged_name_);
    if (!staged) return fail(staged);
    auto record = records_.load();
    if (!record) return fail(record);
    const bool goes_on = *record && *staged && (*record)->source == source_.root.table.value &&
                         (*record)->source_changed == changed->value &&
                         (*record)->staged == (*staged)->root.table.value &&
                         check_schema(**staged, task_.asked);
    if (goes_on) {
      record_ = std::move(**record);
      return {};
    }
    return begin_anew(staged->has_value(), record->has_value(), *changed);
  }

  /// Converts the next entries, in memory.
  Status convert() {
    Cursor cursor = txn_.cursor(source_.root);
    auto at = seek(cursor);
    for (std::uint64_t count = 1; at && *at; ++count) {
      if (auto converted = convert_entry(cursor); !converted) return converted;
      ++record_.done;
      const bool is_full = count == batch_entries || size_ >= batch_bytes;
      if (is_full) remember(cursor.key());
      at = cursor.next();
      if (is_full) break;
    }
    if (!at) return fail(at);
    is_last_ = !*at;
    return {};
  }

  /// Puts what was converted; behind the last of it, the new table in place of the old one.
  Status store() {
    for (const auto& [key, value] : converted_) {
      const auto put = txn_.put(staged(), staged_name_, key, value, PutMode::insert_only);
      if (!put) return fail(put);
      if (!*put) return refuse("two entries become ones of the same key");
    }
    if (!is_last_) return records_.save(record_);
    if (auto dropped = txn_.drop_table(task_.name); !dropped) return dropped;
    if (auto renamed = txn_.rename_table(staged_name_, task_.name); !renamed) return renamed;
    return records_.erase();
  }

  /// Forgets what was converted in earlier batches.
  Status discard() {
    const auto staged = txn_.table(staged_name_);
    if (!staged) return fail(staged);
    const auto record = records_.load();
    if (!record) return fail(record);
    return *record ? forget(staged->has_value()) : Status();
  }

  [[nodiscard]] bool is_last() const { return is_last_; }
  [[nodiscard]] TableId staged() const { return {record_.staged}; }
  /// Whether the program's conversion is to blame: what it made is not to be used.
  [[nodiscard]] bool is_refused() const { return is_refused_; }
  [[nodiscard]] MigrationProgress progress() const {
    return {.table = task_.name, .done = record_.done, .total = source_.root.entries};
  }

 private:
  Status forget(bool is_staged) {
    if (is_staged) {
      if (auto dropped = txn_.drop_table(staged_name_); !dropped) return dropped;
    }
    return records_.erase();
  }

  /// A table of that name which no record tells of is somebody else's.
  Status begin_anew(bool is_staged, bool is_recorded, TxnId changed) {
    if (is_staged && !is_recorded)
      return fail(Error(ErrorCode::table_exists)
                      .with_detail("\"" + staged_name_ + "\", which the migration of \"" +
                                   task_.name + "\" needs: rename or drop it"));
    if (auto forgotten = forget(is_staged); !forgotten) return forgotten;
    const auto made = txn_.create_table(staged_name_, task_.asked.spec);
    if (!made) return fail(made);
    record_ = {.source = source_.root.table.value,
               .source_changed = changed.value,
               .staged = made->value,
               .done = 0,
               .last_key = {}};
    return {};
  }

  Result<bool> seek(Cursor& cursor) const {
    if (record_.done == 0) return cursor.seek_first();
    const Bytes last = std::as_bytes(std::span(record_.last_key));
    auto at = cursor.seek(last);
    if (at && *at && equal(cursor.key(), last)) at = cursor.next();
    return at;
  }

  Status convert_entry(Cursor& cursor) {
    const Bytes key = cursor.key();
    const auto value = cursor.value();
    if (!value) return fail(value);
    size_ += key.size() + value->size();
    Status converted =
        task_.migration.convert(key, *value, [&](Bytes new_key, Bytes new_value) -> Status {
          size_ += new_key.size() + new_value.size();
          converted_.emplace_back(ByteString(new_key.begin(), new_key.end()),
                                  ByteString(new_value.begin(), new_value.end()));
          return {};
        });
    is_refused_ = !converted;
    return converted;
  }

  void remember(Bytes key) {
    record_.last_key.clear();
    for (const std::byte byte : key)
      record_.last_key.push_back(std::to_integer<std::uint8_t>(byte));
  }

  Status refuse(std::string_view why) {
    is_refused_ = true;
    return fail(
        Error(ErrorCode::invalid_argument)
            .with_detail("the migration of table \"" + task_.name + "\": " + std::string(why)));
  }

  const MigrationTask& task_;
  const std::string staged_name_;
  WriteTransaction& txn_;
  MigrationRecords records_;
  TableInfo source_;
  MigrationRecord record_;
  std::vector<std::pair<ByteString, ByteString>> converted_;
  std::size_t size_ = 0;  ///< bytes read and made
  bool is_last_ = false;
  bool is_refused_ = false;
};

/// What a conversion made that failed in the end may not be what the next one makes.
void discard_migration(const MigrationTask& task) {
  auto txn = task.database.begin_write();
  if (!txn) return;
  // Where that fails, too, the next try finds it, and fails as this one did, or goes on.
  if (MigrationBatch(task, *txn).discard()) static_cast<void>(std::move(*txn).commit());
}

/// One commit: the new table's id with the last of them.
Result<std::optional<TableId>> run_batch(const MigrationTask& task) {
  auto txn = task.database.begin_write();
  if (!txn) return fail(txn);
  MigrationBatch batch(task, *txn);
  const auto is_done = batch.is_done();
  if (!is_done) return fail(is_done);
  Status status;
  if (!*is_done) {
    status = batch.prepare();
    if (status) status = batch.convert();
    if (status) status = batch.store();
  }
  if (!status) {
    std::move(*txn).abandon();
    if (batch.is_refused()) discard_migration(task);
    return fail(status);
  }
  if (auto committed = std::move(*txn).commit(); !committed) return fail(committed);
  if (*is_done) return std::optional(batch.staged());
  if (task.hook) task.hook(batch.progress());
  return batch.is_last() ? std::optional(batch.staged()) : std::nullopt;
}

}  // namespace
}  // namespace detail

Result<TableId> migrate(const MigrationTask& task) {
  for (;;) {
    const auto finished = detail::run_batch(task);
    if (!finished) return fail(finished);
    if (*finished) return **finished;
  }
}

}  // namespace quire
