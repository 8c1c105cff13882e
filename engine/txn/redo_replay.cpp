#include "quire/engine/txn/redo_replay.hpp"

#include <map>
#include <string>

#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {
namespace {

using TableNames = std::map<TableId, std::string>;

Failure useless(const FoundRecord& record, const std::string& why) {
  return fail(Error(ErrorCode::corrupt)
                  .with_txn(record.txn)
                  .with_detail("the redo log does not fit the file: " + why));
}

Result<TableNames> names_of(OpenTransaction& open) {
  const Result<std::vector<TableInfo>> tables = open.tables();
  if (!tables) return fail(tables);
  TableNames names;
  for (const TableInfo& table : *tables) names.emplace(table.root.table, table.name);
  return names;
}

Status do_again(OpenTransaction& open, const TableNames& names, const FoundRecord& record) {
  Bytes edits = record.edits;
  for (std::uint32_t count = 0; count < record.edit_count; ++count) {
    const Result<RedoEdit> edit = next_edit(edits);
    if (!edit) return fail(edit);
    const auto name = names.find(edit->table);
    if (name == names.end())
      return useless(record, "there is no table " + std::to_string(edit->table.value));
    const Result<bool> done =
        edit->value ? open.put(edit->table, name->second, edit->key, *edit->value, PutMode::upsert)
                    : open.erase(edit->table, name->second, edit->key);
    if (done) continue;
    return is_complaint(done.error().code()) ? useless(record, done.error().message()) : fail(done);
  }
  return {};
}

Result<NamedCommit> do_again(OpenTransaction& open, const RedoTail& tail) {
  const Result<TableNames> names = names_of(open);
  if (!names) return fail(names);
  for (const FoundRecord& record : tail.records)
    if (Status done = do_again(open, *names, record); !done) return fail(done);
  return open.commit(Durability::resident);
}

}  // namespace

Status replay(Core& core, const RedoTail& tail) {
  if (tail.records.empty()) return {};
  if (Status entered = core.gate().enter(); !entered) return entered;
  const WriterPlace place(&core);
  Writer& writer = core.writer();
  const Options& options = core.options();
  if (options.access == Access::read_write && options.rules.rewrite_redo) {
    if (Status written = writer.write_redo_again(tail); !written) return written;
  }
  // The ids of the records stay theirs.
  if (writer.next_txn() <= tail.records.back().txn) writer.burn(tail.records.back().txn);
  OpenTransaction open(core, Durability::resident);
  const Result<NamedCommit> commit = do_again(open, tail);
  if (!commit) return fail(commit);
  if (Status done = writer.group().finish(commit->named, GroupSync::Place::inside); !done)
    return done;
  if (!writer.has_resident()) return {};
  writer.redo().resume(tail, open.txn());
  writer.group().note_recorded(open.txn());
  return {};
}

}  // namespace quire
