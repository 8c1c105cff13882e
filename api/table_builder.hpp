// TableBuilder: chooses a table's formats and opens it.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "quire/api/schema.hpp"
#include "quire/api/schema_mismatch.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/default_format.hpp"

namespace quire {

namespace detail {

inline Result<TableId> open_table(const TableInfo& stored, const AskedTable& asked) {
  if (auto checked = check_schema(stored, asked); !checked) return fail(checked);
  return stored.root.table;
}

/// Makes the table in a transaction of its own, or opens the one that another writer just made.
inline Result<TableId> create_table(const Database& database, const std::string& name,
                                    const AskedTable& asked) {
  auto txn = database.begin_write();
  if (!txn) return fail(txn);
  auto stored = txn->table(name);
  if (!stored) return fail(stored);
  auto id = *stored ? open_table(**stored, asked) : txn->create_table(name, asked.spec);
  if (!id) return fail(id);
  // Also when it made nothing: the other writer's table is there for readers only when it is
  // durable.
  if (auto committed = std::move(*txn).commit(); !committed) return fail(committed);
  return id;
}

inline Result<TableId> open_table(const Database& database, const std::string& name,
                                  const AskedTable& asked, Create create) {
  auto snapshot = database.snapshot();
  if (!snapshot) return fail(snapshot);
  auto stored = snapshot->table(name);
  if (!stored) return fail(stored);
  if (*stored) return open_table(**stored, asked);
  if (create == Create::if_missing) return create_table(database, name, asked);
  return fail(Error(ErrorCode::table_missing).with_detail(name));
}

}  // namespace detail

/// Made by Storage::new_table and Storage::open_table. Formats that are not named are chosen by
/// type: keys OrderedFormat; values TextFormat for text, RawFormat for bytes, EmptyFormat for Empty
/// and PlainFormat for scalars and trivially copyable structs.
template <class K, class V, class KeyCodec = DefaultKeyFormat<K>,
          class ValueCodec = DefaultValueFormat<V>>
class TableBuilder {
 public:
  TableBuilder(Database database, std::string name, Create create, KeyCodec key_format = {},
               ValueCodec value_format = {})
      : database_(std::move(database)),
        name_(std::move(name)),
        create_(create),
        key_format_(std::move(key_format)),
        value_format_(std::move(value_format)) {}

  template <KeyFormat<K> Chosen>
  [[nodiscard]] TableBuilder<K, V, Chosen, ValueCodec> with_key_format(Chosen format) const {
    return {database_, name_, create_, std::move(format), value_format_};
  }
  template <ValueFormat<V> Chosen>
  [[nodiscard]] TableBuilder<K, V, KeyCodec, Chosen> with_value_format(Chosen format) const {
    return {database_, name_, create_, key_format_, std::move(format)};
  }

  /// Opens the table, or makes it in a transaction of its own where that is allowed.
  /// type_mismatch: its formats or types are others; the detail shows both schemas.
  /// table_missing: not there and not to be made. When it is to be made also what begin_write and
  /// commit fail with, and invalid_argument (the name or a descriptor is empty or too long).
  [[nodiscard]] auto build() const {
    static_assert(KeyFormat<KeyCodec, K>,
                  "no key format fits this key type by itself: name one by with_key_format()");
    static_assert(
        ValueFormat<ValueCodec, V>,
        "no value format fits this value type by itself: name one by with_value_format()");
    return open();
  }

 private:
  using Built = Table<K, V, KeyCodec, ValueCodec>;

  [[nodiscard]] Result<Built> open() const {
    const typename Built::SchemaType schema{key_format_, value_format_};
    const AskedTable asked{.spec = schema.spec(), .value_rule = descriptor_rule<ValueCodec>()};
    auto id = detail::open_table(database_, name_, asked, create_);
    if (!id) return fail(id);
    return Built(std::make_shared<const TableBinding<typename Built::SchemaType>>(database_, *id,
                                                                                  name_, schema));
  }

  Database database_;
  std::string name_;
  Create create_;
  [[no_unique_address]] KeyCodec key_format_;
  [[no_unique_address]] ValueCodec value_format_;
};

}  // namespace quire
