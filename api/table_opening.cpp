#include "quire/api/table_opening.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace quire {
namespace {

class TableOpening {
 public:
  explicit TableOpening(const TableRequest& request) : request_(request) {}

  Result<TableId> open() {
    const auto snapshot = request_.database.snapshot();
    if (!snapshot) return fail(snapshot);
    const auto stored = snapshot->table(request_.name);
    if (!stored) return fail(stored);
    if (!*stored) return may_make() ? make() : fail(missing());
    if (request_.recreate == Recreate::always) return make();
    const Status fits = check_schema(**stored, request_.asked);
    if (fits) return (*stored)->root.table;
    if (const Migration* way = way_from(**stored)) return migrate_by(*way, fits.error());
    return request_.recreate == Recreate::if_incompatible ? make() : fail(fits);
  }

 private:
  [[nodiscard]] bool may_make() const { return request_.create == Create::if_missing; }
  [[nodiscard]] Error missing() const {
    return Error(ErrorCode::table_missing).with_detail(request_.name);
  }

  [[nodiscard]] const Migration* way_from(const TableInfo& stored) const {
    const auto way = std::ranges::find_if(request_.migrations, [&](const Migration& migration) {
      return check_schema(stored, migration.from).has_value();
    });
    return way == request_.migrations.end() ? nullptr : &*way;
  }

  [[nodiscard]] Result<TableId> migrate_by(const Migration& way, const Error& mismatch) const {
    auto migrated = migrate({.database = request_.database,
                             .name = request_.name,
                             .asked = request_.asked,
                             .migration = way,
                             .hook = request_.migration_hook});
    if (migrated || migrated.error().code() != ErrorCode::read_only) return migrated;
    return fail(Error(mismatch).with_detail(
        std::string(mismatch.detail()) +
        "; there is a migration: open the storage for writing, and it is made"));
  }

  /// In a transaction of its own, which may find what another writer just made.
  [[nodiscard]] Result<TableId> make() const {
    auto txn = request_.database.begin_write();
    if (!txn) return fail(txn);
    auto id = make_in(*txn);
    if (!id) return id;
    // Also when it made nothing: the other writer's table is there for readers only when it is
    // durable.
    if (auto committed = std::move(*txn).commit(); !committed) return fail(committed);
    return id;
  }

  [[nodiscard]] Result<TableId> make_in(WriteTransaction& txn) const {
    const auto stored = txn.table(request_.name);
    if (!stored) return fail(stored);
    if (*stored) {
      const Status fits = check_schema(**stored, request_.asked);
      if (fits && request_.recreate != Recreate::always) return (*stored)->root.table;
      if (request_.recreate == Recreate::never) return fail(fits);
      if (auto dropped = txn.drop_table(request_.name); !dropped) return fail(dropped);
    } else if (!may_make()) {
      return fail(missing());
    }
    return txn.create_table(request_.name, request_.asked.spec);
  }

  const TableRequest& request_;
};

}  // namespace

Result<TableId> open_table(const TableRequest& request) { return TableOpening(request).open(); }

}  // namespace quire
