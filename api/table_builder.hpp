// TableBuilder: chooses a table's formats and opens it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/migration.hpp"
#include "quire/api/native.hpp"
#include "quire/api/open_edit.hpp"
#include "quire/api/recreate.hpp"
#include "quire/api/schema.hpp"
#include "quire/api/table.hpp"
#include "quire/api/table_opening.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/default_format.hpp"

namespace quire {

/// Made by Storage::new_table and Storage::open_table. Formats that are not named are chosen by
/// type: keys OrderedFormat; values TextFormat for text, RawFormat for bytes, EmptyFormat for Empty
/// and PlainFormat for scalars and trivially copyable structs.
template <class K, class V, class KeyCodec = DefaultKeyFormat<K>,
          class ValueCodec = DefaultValueFormat<V>, Backend Place = backend::Native>
class TableBuilder {
 public:
  TableBuilder(typename Place::Database database, std::string name, Create create,
               Recreate recreate)
      : TableBuilder(Request{.database = std::move(database),
                             .name = std::move(name),
                             .create = create,
                             .recreate = recreate},
                     {}, {}) {}

  /// Of a table that is opened, or made, in an open transaction.
  TableBuilder(std::shared_ptr<OpenEdit<Place>> open, std::string name, Create create)
      : TableBuilder(open->database(), std::move(name), create, open->recreate()) {
    open_ = std::move(open);
  }

  /// Formats come before migrations, which are to the schema that is chosen by then.
  template <KeyFormat<K> Chosen>
  [[nodiscard]] TableBuilder<K, V, Chosen, ValueCodec, Place> with_key_format(Chosen format) const {
    return {request_, std::move(format), value_format_, open_};
  }
  template <ValueFormat<V> Chosen>
  [[nodiscard]] TableBuilder<K, V, KeyCodec, Chosen, Place> with_value_format(Chosen format) const {
    return {request_, key_format_, std::move(format), open_};
  }

  /// What becomes of a table that is there already; by default what the storage's builder said,
  /// which is Recreate::never where it said nothing. With if_incompatible, a table that there is a
  /// migration from is migrated.
  [[nodiscard]] TableBuilder with_recreate(Recreate recreate) const {
    TableBuilder builder = *this;
    builder.request_.recreate = recreate;
    return builder;
  }

  /// How a table of an older schema, keys OldK and values OldV, becomes one of this schema. May be
  /// said of several. convert(key, view, put) is called with each of its entries, in order, and
  /// calls put(key, value) for what becomes of it: nothing, one entry, or more, all of different
  /// keys. What it returns, a Status, ends the migration where it is a failure; the old table is
  /// then as it was.
  ///   .with_migration<std::uint64_t, OldCity>(
  ///       [](std::uint64_t id, const OldCity& old, const auto& put) {
  ///         return put(id, City{old.latitude, old.longitude, old.people, 0});
  ///       })
  /// It is made in build(), batch by batch, and goes on where it was if the program or the machine
  /// goes down meanwhile (or begins anew, if the old table was changed); so convert is to make the
  /// same of the same. Until all is done the old table can be read and written, though the third
  /// beginning makes writers wait to the end. Needs the space of the new table and some more, until
  /// the next commits use that of the old one.
  template <class OldK, class OldV, KeyFormat<OldK> OldKeyCodec = DefaultKeyFormat<OldK>,
            ValueFormat<OldV> OldValueCodec = DefaultValueFormat<OldV>, class Convert>
  [[nodiscard]] TableBuilder with_migration(Convert convert, OldKeyCodec key_format = {},
                                            OldValueCodec value_format = {}) const
    requires MigratesTables<Place>
  {
    TableBuilder builder = *this;
    builder.request_.migrations.push_back(detail::migration_between(
        Schema<OldK, OldV, OldKeyCodec, OldValueCodec>{std::move(key_format),
                                                       std::move(value_format)},
        typename Built::SchemaType{key_format_, value_format_}, std::move(convert)));
    return builder;
  }

  /// Hears how far a migration is, after each of its commits, in place of the storage's hook.
  [[nodiscard]] TableBuilder with_progress(ProgressHook hook) const
    requires MigratesTables<Place>
  {
    TableBuilder builder = *this;
    builder.request_.progress = std::move(hook);
    return builder;
  }

  /// Opens the table, or makes it in a transaction of its own where that is allowed.
  /// type_mismatch: its formats or types are others; the detail shows both schemas.
  /// table_missing: not there and not to be made. invalid_argument: a format was chosen behind a
  /// migration. When it is to be made or migrated also what begin_write and commit fail with, and
  /// invalid_argument (the name or a descriptor is empty or too long).
  [[nodiscard]] auto build() const {
    static_assert(KeyFormat<KeyCodec, K>,
                  "no key format fits this key type by itself: name one by with_key_format()");
    static_assert(
        ValueFormat<ValueCodec, V>,
        "no value format fits this value type by itself: name one by with_value_format()");
    return open();
  }

 private:
  template <class OtherK, class OtherV, class OtherKeyCodec, class OtherValueCodec,
            Backend OtherPlace>
  friend class TableBuilder;
  using Built = Table<K, V, KeyCodec, ValueCodec, Place>;
  using Request = TableRequest<Place>;

  TableBuilder(Request request, KeyCodec key_format, ValueCodec value_format,
               std::shared_ptr<OpenEdit<Place>> open = {})
      : request_(std::move(request)),
        open_(std::move(open)),
        key_format_(std::move(key_format)),
        value_format_(std::move(value_format)),
        is_late_(!request_.migrations.empty()) {}

  [[nodiscard]] Result<Built> open() const {
    if (is_late_)
      return fail(
          Error(ErrorCode::invalid_argument)
              .with_detail("table \"" + request_.name + "\": choose formats before migrations"));
    const typename Built::SchemaType schema{key_format_, value_format_};
    Request request = request_;
    request.asked = detail::asked_by(schema);
    const auto id = open_ ? open_inside(request) : open_table(std::as_const(request));
    if (!id) return fail(id);
    return Built(std::make_shared<const TableBinding<typename Built::SchemaType, Place>>(
        request_.database, *id, request_.name, schema));
  }

  [[nodiscard]] Result<TableId> open_inside(const Request& request) const {
    const auto txn = open_->edit();
    if (!txn) return fail(txn);
    return open_table_in(**txn, request);
  }

  Request request_;
  std::shared_ptr<OpenEdit<Place>> open_;  ///< none: in a transaction of its own
  [[no_unique_address]] KeyCodec key_format_;
  [[no_unique_address]] ValueCodec value_format_;
  bool is_late_;  ///< a format was chosen behind a migration
};

}  // namespace quire
