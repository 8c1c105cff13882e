#include "quire/engine/txn/redo_replay.hpp"

#include <map>
#include <string>
#include <vector>

#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {
namespace {

using TableNames = std::map<TableId, std::string>;

Failure useless(TxnId txn, const std::string& why) {
  return fail(Error(ErrorCode::corrupt)
                  .with_txn(txn)
                  .with_detail("the redo log does not fit the file: " + why));
}

Result<TableNames> names_of(OpenTransaction& open) {
  const Result<std::vector<TableInfo>> tables = open.tables();
  if (!tables) return fail(tables);
  TableNames names;
  for (const TableInfo& table : *tables) names.emplace(table.root.table, table.name);
  return names;
}

/// Records that an opening has found, and checked, in copies that nobody changes: what the map
/// shows may be what the disk never got.
class FoundAgain {
 public:
  FoundAgain(Writer& writer, bool is_written) : writer_(writer), is_written_(is_written) {}

  /// A copy that stays until the next call, and is written with others.
  Result<FoundRecord> copy(Bytes record, const RedoPlace& place) {
    if (pending_.size() + record.size() > most_pending) {
      if (Status written = write(); !written) return fail(written);
    }
    if (pending_.empty()) begin_ = place.offset;
    const std::size_t at = pending_.size();
    pending_.insert(pending_.end(), record.begin(), record.end());
    const auto found = find_record(Bytes(pending_).subspan(at), place);
    if (!found) return useless(no_txn, "a record changed while it was read");
    return *found;
  }

  Status write() {
    if (pending_.empty()) return {};
    Status written;
    if (is_written_) written = writer_.write_redo(begin_, pending_);
    pending_.clear();
    return written;
  }

 private:
  static constexpr std::size_t most_pending = std::size_t{1} << 20;

  Writer& writer_;
  const bool is_written_;
  std::uint64_t begin_ = 0;  ///< bytes from the log's begin
  std::vector<std::byte> pending_;
};

Status do_again(OpenTransaction& open, const TableNames& names, const FoundRecord& record) {
  Bytes edits = record.edits;
  for (std::uint32_t count = 0; count < record.edit_count; ++count) {
    const Result<RedoEdit> edit = next_edit(edits);
    if (!edit) return fail(edit);
    const auto name = names.find(edit->table);
    if (name == names.end())
      return useless(record.txn, "there is no table " + std::to_string(edit->table.value));
    if (edit->value && !open.is_inline(edit->key.size(), edit->value->size()))
      return useless(record.txn, "a value does not fit a leaf");
    const Result<bool> done =
        edit->value ? open.put(edit->table, name->second, edit->key, *edit->value, PutMode::upsert)
                    : open.erase(edit->table, name->second, edit->key);
    if (!done && is_complaint(done.error().code()))
      return useless(record.txn, done.error().message());
    if (!done) return fail(done);
  }
  return {};
}

Status do_all_again(OpenTransaction& open, RedoReader& reader, std::uint64_t count,
                    FoundAgain& copies) {
  const Result<TableNames> names = names_of(open);
  if (!names) return fail(names);
  while (reader.end().count < count) {
    const RedoPlace place = reader.end().place;
    const Result<std::optional<FoundRecord>> found = reader.next();
    if (!found) return fail(found);
    if (!*found) return useless(reader.end().newest, "it changed while it was read");
    const Result<FoundRecord> record = copies.copy(reader.bytes(), place);
    if (!record) return fail(record);
    if (Status done = do_again(open, *names, *record); !done) return done;
  }
  return copies.write();
}

/// Where the log ends. Its ids stay theirs, so there must be others.
Result<RedoEnd> end_of_log(RedoReader reader) {
  for (;;) {
    const Result<std::optional<FoundRecord>> found = reader.next();
    if (!found) return fail(found);
    if (!*found) break;
  }
  if ((reader.end().newest.next().value >> txn_bits) != 0)
    return useless(reader.end().newest, "no transaction can follow");
  return reader.end();
}

/// The transaction that does all of it again, in the writer's place.
Result<NamedCommit> commit_again(OpenTransaction& open, RedoReader& reader, std::uint64_t count,
                                 bool is_written) {
  Writer& writer = open.writer();
  FoundAgain copies(writer, is_written);
  if (Status done = do_all_again(open, reader, count, copies); !done) return fail(done);
  // No writer records what changes nothing.
  if (!open.is_changed()) return useless(reader.end().newest, "its records change nothing");
  if (is_written) {
    if (Status synced = writer.sync_pages(); !synced) return fail(synced);
  }
  return open.commit(Durability::resident);
}

}  // namespace

Result<std::uint64_t> replay(Core& core, RedoReader reader) {
  const Result<RedoEnd> end = end_of_log(reader);
  if (!end) return fail(end);
  if (end->count == 0) return end->count;
  if (Status entered = core.gate().enter(); !entered) return fail(entered);
  const WriterPlace place(&core);
  Writer& writer = core.writer();
  const Options& options = core.options();
  const bool is_written = options.access == Access::read_write && options.rules.rewrite_redo;
  if (writer.next_txn() <= end->newest) writer.burn(end->newest);
  OpenTransaction open(core, Durability::resident);
  const Result<NamedCommit> commit = commit_again(open, reader, end->count, is_written);
  if (!commit) return fail(commit);
  if (Status done = writer.group().finish(commit->named, GroupSync::Place::inside); !done)
    return fail(done);
  if (!writer.has_resident()) return end->count;
  writer.redo().resume(reader.end(), open.txn());
  writer.group().note_recorded(open.txn());
  return end->count;
}

}  // namespace quire
