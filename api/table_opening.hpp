// Opening tables: what is found of a table against what is asked of it, and what is done then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/migration.hpp"
#include "quire/api/native.hpp"
#include "quire/api/recreate.hpp"
#include "quire/api/schema_mismatch.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// All that is said of a table that is to be opened.
template <Backend Place>
struct TableRequest {
  typename Place::Database database;
  std::string name;
  Create create = Create::if_missing;
  Recreate recreate = Recreate::never;
  AskedTable asked = {};
  std::vector<Migration> migrations = {};
  ProgressHook progress = {};
};

namespace detail {

/// Finds a table, and does what was asked for.
template <Backend Place>
class TableOpening {
 public:
  explicit TableOpening(const TableRequest<Place>& request) : request_(request) {}

  Result<TableId> open() const {
    for (;;) {
      const auto stored = newest();
      if (!stored) return fail(stored);
      switch (decide(*stored)) {
        case Course::use: return (*stored)->root.table;
        case Course::migrate:
          if constexpr (MigratesTables<Place>) return migrate_from(**stored);
          break;
        case Course::refuse: return fail(refusal(*stored));
        case Course::make: break;
      }
      const auto made = make();
      if (!made) return fail(made);
      if (*made) return **made;
    }
  }

  /// In an open transaction.
  Result<TableId> open_in(typename Place::WriteTransaction& txn) const {
    const auto stored = txn.table(request_.name);
    if (!stored) return fail(stored);
    switch (decide(*stored)) {
      case Course::use: return (*stored)->root.table;
      case Course::make: return make_anew(txn, *stored);
      case Course::refuse:
      case Course::migrate: break;
    }
    return fail(refusal(*stored));
  }

 private:
  enum class Course : std::uint8_t { use, make, migrate, refuse };
  using Stored = std::optional<TableInfo>;

  /// Without a pin that stays while a table is migrated.
  [[nodiscard]] Result<Stored> newest() const {
    const auto snapshot = request_.database.snapshot();
    if (!snapshot) return fail(snapshot);
    return snapshot->table(request_.name);
  }

  [[nodiscard]] Course decide(const Stored& stored) const {
    if (!stored) return request_.create == Create::if_missing ? Course::make : Course::refuse;
    if (request_.recreate == Recreate::always) return Course::make;
    if (check_schema(*stored, request_.asked)) return Course::use;
    if (way_from(*stored) != nullptr) return Course::migrate;
    return request_.recreate == Recreate::if_incompatible ? Course::make : Course::refuse;
  }

  [[nodiscard]] Error refusal(const Stored& stored) const {
    if (stored) return check_schema(*stored, request_.asked).error();
    return Error(ErrorCode::table_missing).with_detail(request_.name);
  }

  [[nodiscard]] const Migration* way_from(const TableInfo& stored) const {
    const auto way = std::ranges::find_if(request_.migrations, [&](const Migration& migration) {
      return check_schema(stored, migration.from).has_value();
    });
    return way == request_.migrations.end() ? nullptr : &*way;
  }

  [[nodiscard]] Result<TableId> migrate_from(const TableInfo& stored) const
    requires MigratesTables<Place>
  {
    auto migrated = migrate({.database = request_.database,
                             .name = request_.name,
                             .asked = request_.asked,
                             .migration = *way_from(stored),
                             .hook = request_.progress});
    if (migrated || migrated.error().code() != ErrorCode::read_only) return migrated;
    const Error mismatch = refusal(stored);
    return fail(Error(mismatch).with_detail(
        std::string(mismatch.detail()) +
        "; there is a migration: open the storage for writing, and it is made"));
  }

  /// In a transaction of its own, which may find what another writer just made; nothing when that
  /// is to be looked at anew.
  [[nodiscard]] Result<std::optional<TableId>> make() const {
    auto txn = request_.database.begin_write();
    if (!txn) return fail(txn);
    const auto stored = txn->table(request_.name);
    if (!stored) return fail(stored);
    const Course course = decide(*stored);
    if (course == Course::refuse) return fail(refusal(*stored));
    Result<TableId> id = TableId{};
    if (course == Course::use) id = (*stored)->root.table;
    if (course == Course::make) id = make_anew(*txn, *stored);
    if (!id) return fail(id);
    // Also when it made nothing: the other writer's table is there for readers only when it is
    // durable.
    if (auto committed = std::move(*txn).commit(); !committed) return fail(committed);
    return course == Course::migrate ? std::nullopt : std::optional(*id);
  }

  [[nodiscard]] Result<TableId> make_anew(typename Place::WriteTransaction& txn,
                                          const Stored& stored) const {
    if (stored) {
      if constexpr (MigratesTables<Place>) {
        const Status forgotten = forget_migration(txn, stored->root.table);
        if (!forgotten) return fail(forgotten);
      }
      if (auto dropped = txn.drop_table(request_.name); !dropped) return fail(dropped);
      log_drop(*stored);
    }
    return txn.create_table(request_.name, request_.asked.spec);
  }

  void log_drop(const TableInfo& stored) const {
    if constexpr (KeepsLog<Place>) {
      const Log log = request_.database.log();
      if (!log.is_on()) return;
      const std::string entries = std::to_string(stored.root.entries);
      log.tell({.event = LogEvent::table_recreated,
                .path = {},
                .txn = {},
                .detail = request_.name + ", of " + entries + " entries",
                .cause = {}});
    }
  }

  const TableRequest<Place>& request_;
};

}  // namespace detail

/// The id of the table, which is made, migrated or made anew where that was asked for, in
/// transactions of their own. type_mismatch, table_missing, and what these transactions fail with.
/// Compiled once for each backend, with it.
template <Backend Place>
Result<TableId> open_table(const TableRequest<Place>& request) {
  return detail::TableOpening<Place>(request).open();
}
extern template Result<TableId> open_table(const TableRequest<backend::Native>& request);

/// The same in an open transaction, where nothing is migrated.
template <Backend Place>
Result<TableId> open_table_in(typename Place::WriteTransaction& txn,
                              const TableRequest<Place>& request) {
  return detail::TableOpening<Place>(request).open_in(txn);
}
extern template Result<TableId> open_table_in(WriteTransaction& txn,
                                              const TableRequest<backend::Native>& request);

}  // namespace quire
