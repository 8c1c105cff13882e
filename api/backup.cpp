#include "quire/api/backup.hpp"

#include <utility>
#include <vector>

#include "quire/api/migration.hpp"

namespace quire {
namespace {

/// A copy of tables in the making.
class Backup {
 public:
  Backup(Snapshot from, WriteTransaction to, const ProgressHook& hook)
      : from_(std::move(from)), to_(std::move(to)), hook_(hook) {}

  Status run() {
    auto tables = from_.tables();
    if (!tables) return fail(tables);
    std::erase_if(*tables, [](const TableInfo& table) { return is_of_migration(table.name); });
    for (const TableInfo& table : *tables) progress_.total += table.root.entries;
    for (const TableInfo& table : *tables)
      if (Status copied = copy(table); !copied) return copied;
    tell({});
    const auto committed = std::move(to_).commit(Durability::full);
    return committed ? Status() : fail(committed);
  }

 private:
  Status copy(const TableInfo& table) {
    const auto id = to_.create_table(table.name, {.value_alignment = table.root.alignment(),
                                                  .key_descriptor = table.key_descriptor,
                                                  .value_descriptor = table.value_descriptor});
    if (!id) return fail(id);
    const std::uint64_t before = progress_.done;
    const auto follow = [&](const Progress& load) {
      progress_.done = before + load.total;
      tell(table.name);
    };
    auto load = to_.bulk_load(*id, table.name, {.progress = follow});
    if (!load) return fail(load);
    Cursor cursor = from_.cursor(table.root);
    auto moved = cursor.seek_first();
    for (; moved && *moved; moved = cursor.next()) {
      const auto value = cursor.value();
      if (!value) return fail(value);
      if (Status taken = load->append(cursor.key(), *value); !taken) return taken;
    }
    return moved ? load->finish() : fail(moved);
  }

  void tell(const std::string& table) {
    progress_.table = table;
    if (hook_) hook_(progress_);
  }

  Snapshot from_;
  WriteTransaction to_;
  const ProgressHook& hook_;
  Progress progress_{.work = Work::copying, .table = {}};
};

/// An empty database at path, which may have been there.
Result<Database> make_empty(const std::string& path, std::uint32_t page_size) {
  Options options;
  options.page_size = page_size;
  auto made = Database::open(path, options);
  if (!made) return made;
  const auto snapshot = made->snapshot();
  if (!snapshot) return fail(snapshot);
  const auto tables = snapshot->tables();
  if (!tables) return fail(tables);
  if (!tables->empty())
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("there is a database with tables at " + path +
                                 ": name a path where there is none"));
  return made;
}

}  // namespace

Status back_up(const Database& source, const std::string& path, const ProgressHook& hook) {
  const ProgressHook& heard = hook ? hook : source.options().progress;
  auto snapshot = source.snapshot();
  if (!snapshot) return fail(snapshot);
  auto target = make_empty(path, snapshot->pages().page_size());
  if (!target) return fail(target);
  auto txn = target->begin_write();
  if (!txn) return fail(txn);
  if (Status done = Backup(std::move(*snapshot), std::move(*txn), heard).run(); !done) return done;
  return target->close();
}

}  // namespace quire
