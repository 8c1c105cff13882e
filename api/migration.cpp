#include "quire/api/migration.hpp"

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/formats/describe.hpp"
#include "quire/formats/ordered.hpp"
#include "quire/formats/rkyv.hpp"

namespace quire {
namespace detail {
namespace {

/// How far a migration is: true as long as the table that takes what is converted is the one of
/// this id, and the source was not changed.
struct MigrationRecord {
  std::uint64_t source_changed = 0;  ///< by this transaction
  std::uint32_t staged = 0;
  std::uint64_t done = 0;              ///< entries of the source
  std::vector<std::uint8_t> last_key;  ///< of these
};
QUIRE_DESCRIBE(MigrationRecord, source_changed, staged, done, last_key)

constexpr std::string_view record_table = "quire.migrations";
constexpr std::string_view staged_prefix = "quire.migrating.";

/// The table that takes what is converted of another one. By id, which no renaming changes.
std::string staged_name(TableId source) {
  return std::string(staged_prefix) + std::to_string(source.value);
}

/// A batch ends with the entry that reaches one of these.
constexpr std::uint64_t batch_entries = 10'000;
constexpr std::size_t batch_bytes = std::size_t{16} << 20;

using RecordSchema = Schema<std::uint32_t, MigrationRecord, OrderedFormat, RkyvFormat>;

/// The record of one migration in the table of all, and what goes with it.
class MigrationRecords {
 public:
  MigrationRecords(WriteTransaction& txn, TableId source)
      : txn_(txn), source_(source), key_(RecordSchema().encode(source.value)) {}

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

  /// The table of a migration that is on its way; nothing when there is none, or when the table of
  /// that name is somebody else's.
  Result<std::optional<TableInfo>> staged(const std::optional<MigrationRecord>& record) {
    auto found = txn_.table(staged_name(source_));
    if (!found || !*found) return found;
    if (!record || record->staged != (*found)->root.table.value) found->reset();
    return found;
  }

  /// Takes back the migration with all that it made.
  Status forget() {
    const auto record = load();
    if (!record) return fail(record);
    if (!*record) return {};
    const auto made = staged(*record);
    if (!made) return fail(made);
    if (*made) {
      if (auto dropped = txn_.drop_table((*made)->name); !dropped) return dropped;
    }
    return erase();
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
  TableId source_;
  RecordSchema schema_;
  decltype(schema_.encode(std::uint32_t())) key_;
};

/// Takes back the migrations of tables that went meanwhile.
Status forget_orphans(WriteTransaction& txn) {
  const auto records = txn.table(record_table);
  if (!records) return fail(records);
  if (!*records) return {};
  std::set<std::uint32_t> orphans;
  Cursor cursor = txn.cursor((*records)->root);
  auto at = cursor.seek_first();
  for (; at && *at; at = cursor.next()) {
    const auto source = RecordSchema().decode(cursor.key());
    if (!source) return fail(source);
    orphans.insert(*source);
  }
  if (!at) return fail(at);
  const auto tables = txn.tables();
  if (!tables) return fail(tables);
  for (const TableInfo& table : *tables) orphans.erase(table.root.table.value);
  for (const std::uint32_t orphan : orphans) {
    if (auto forgotten = MigrationRecords(txn, {orphan}).forget(); !forgotten) return forgotten;
  }
  return {};
}

/// What one transaction does of a migration: a batch, or all of it.
class MigrationBatch {
 public:
  MigrationBatch(const MigrationTask& task, WriteTransaction& txn, TableInfo source)
      : task_(task),
        txn_(txn),
        source_(std::move(source)),
        staged_name_(staged_name(source_.root.table)),
        records_(txn, source_.root.table) {}

  /// Finds out where to go on, or begins anew.
  Status prepare() {
    const auto changed = txn_.changed(source_.root);
    if (!changed) return fail(changed);
    auto record = records_.load();
    if (!record) return fail(record);
    const auto staged = records_.staged(*record);
    if (!staged) return fail(staged);
    const bool goes_on = *staged && (*record)->source_changed == changed->value &&
                         check_schema(**staged, task_.asked);
    if (goes_on) {
      record_ = std::move(**record);
      return {};
    }
    is_anew_ = record->has_value();
    return begin_anew(*changed);
  }

  /// Converts the next entries, in memory.
  Status convert() {
    const auto root = txn_.root(source(), task_.name);
    if (!root) return fail(root);
    Cursor cursor = txn_.cursor(*root);
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
    for (const auto& [key, value] : std::exchange(converted_, {})) {
      const auto put = txn_.put(staged(), staged_name_, key, value, PutMode::insert_only);
      if (!put) {
        is_refused_ = put.error().code() == ErrorCode::key_too_long ||
                      put.error().code() == ErrorCode::value_too_large;
        return fail(put);
      }
      if (!*put) return refuse_same_key();
    }
    size_ = 0;
    if (!is_last_) return records_.save(record_);
    if (auto dropped = txn_.drop_table(task_.name); !dropped) return dropped;
    if (auto renamed = txn_.rename_table(staged_name_, task_.name); !renamed) return renamed;
    return records_.erase();
  }

  [[nodiscard]] bool is_last() const { return is_last_; }
  /// Whether what was made before is of no use, because the old table was changed.
  [[nodiscard]] bool is_anew() const { return is_anew_; }
  [[nodiscard]] TableId source() const { return source_.root.table; }
  [[nodiscard]] TableId staged() const { return {record_.staged}; }
  /// Whether the program's conversion is to blame: what it made is not to be used. Also while it
  /// is at work, as it may throw.
  [[nodiscard]] bool is_refused() const { return is_refused_; }
  [[nodiscard]] Progress progress() const {
    return {.work = Work::migrating,
            .table = task_.name,
            .done = record_.done,
            .total = source_.root.entries};
  }

 private:
  Status begin_anew(TxnId changed) {
    if (auto forgotten = records_.forget(); !forgotten) return forgotten;
    if (auto forgotten = forget_orphans(txn_); !forgotten) return forgotten;
    const auto made = txn_.create_table(staged_name_, task_.asked.spec);
    if (!made) return fail(made);
    record_ = {.source_changed = changed.value, .staged = made->value, .done = 0, .last_key = {}};
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
    is_refused_ = true;
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

  Status refuse_same_key() {
    is_refused_ = true;
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("the migration of table \"" + task_.name +
                                 "\": two entries become ones of the same key"));
  }

  const MigrationTask& task_;
  WriteTransaction& txn_;
  TableInfo source_;
  const std::string staged_name_;
  MigrationRecords records_;
  MigrationRecord record_;
  std::vector<std::pair<ByteString, ByteString>> converted_;
  std::size_t size_ = 0;  ///< bytes read and made
  bool is_last_ = false;
  bool is_anew_ = false;
  bool is_refused_ = false;
};

/// What a conversion made that failed in the end, or threw, may not be what the next one makes.
class Discarding {
 public:
  Discarding(const Database& database, WriteTransaction& txn, const MigrationBatch& batch)
      : database_(database), txn_(txn), batch_(batch) {}
  Discarding(const Discarding&) = delete;
  Discarding& operator=(const Discarding&) = delete;
  ~Discarding() {
    if (batch_.is_refused()) discard();
  }

 private:
  // Where that fails, too, the next try finds it, and fails as this one did, or goes on.
  void discard() noexcept try {
    std::move(txn_).abandon();
    auto txn = database_.begin_write();
    if (txn && forget_migration(*txn, batch_.source())) static_cast<void>(std::move(*txn).commit());
  } catch (...) {
    return;
  }

  const Database& database_;
  WriteTransaction& txn_;
  const MigrationBatch& batch_;
};

/// The transactions of a migration, one after the other.
class MigrationRun {
 public:
  explicit MigrationRun(const MigrationTask& task)
      : task_(task), hook_(task.hook ? task.hook : task.database.options().progress) {}

  /// One commit: the new table's id with the last of them.
  Result<std::optional<TableId>> step() {
    auto txn = task_.database.begin_write();
    if (!txn) return fail(txn);
    auto source = txn->table(task_.name);
    if (!source) return fail(source);
    if (!*source) return fail(Error(ErrorCode::table_missing).with_detail(task_.name));
    if (check_schema(**source, task_.asked))
      return finished(*std::move(txn), (*source)->root.table);
    if (auto checked = check_schema(**source, task_.migration.from); !checked) return fail(checked);
    return convert(*std::move(txn), *std::move(*source));
  }

 private:
  /// Beginnings after which the next one goes to the end in one transaction: writers wait then.
  static constexpr int patience = 2;

  /// Another process was quicker. Its table is there for readers only when it is durable.
  static Result<std::optional<TableId>> finished(WriteTransaction txn, TableId table) {
    if (auto committed = std::move(txn).commit(); !committed) return fail(committed);
    return std::optional(table);
  }

  Result<std::optional<TableId>> convert(WriteTransaction txn, TableInfo source) {
    MigrationBatch batch(task_, txn, std::move(source));
    {
      const Discarding discarding(task_.database, txn, batch);
      if (auto done = batch.prepare(); !done) return fail(done);
      if (batch.is_anew()) ++beginnings_;
      do {
        if (auto done = batch.convert(); !done) return fail(done);
        if (auto done = batch.store(); !done) return fail(done);
      } while (!batch.is_last() && beginnings_ >= patience);
    }
    if (auto committed = std::move(txn).commit(); !committed) return fail(committed);
    if (batch.is_last()) log();
    if (hook_) hook_(batch.progress());
    return batch.is_last() ? std::optional(batch.staged()) : std::nullopt;
  }

  void log() const {
    task_.database.log().tell({.event = LogEvent::table_migrated,
                               .path = {},
                               .txn = {},
                               .detail = task_.name,
                               .cause = {}});
  }

  const MigrationTask& task_;
  const ProgressHook& hook_;
  int beginnings_ = 0;  ///< because the old table was changed
};

}  // namespace
}  // namespace detail

Status forget_migration(WriteTransaction& txn, TableId source) {
  return detail::MigrationRecords(txn, source).forget();
}

Result<TableId> migrate(const MigrationTask& task) {
  detail::MigrationRun run(task);
  for (;;) {
    const auto finished = run.step();
    if (!finished) return fail(finished);
    if (*finished) return **finished;
  }
}

bool is_of_migration(std::string_view table_name) {
  return table_name == detail::record_table || table_name.starts_with(detail::staged_prefix);
}

}  // namespace quire
