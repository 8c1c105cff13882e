// Migrations: how the entries of an older schema become those of the asked one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "quire/api/schema.hpp"
#include "quire/api/schema_mismatch.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/descriptor.hpp"

namespace quire {

/// Takes one entry in its stored form.
using PutStored = std::function<Status(Bytes key, Bytes value)>;

/// One way to the asked schema: from which, and how. Of stored forms, so that what migrates knows
/// no types.
struct Migration {
  AskedTable from;
  std::function<Status(Bytes key, Bytes value, const PutStored& put)> convert;
};

namespace detail {

template <class SchemaType>
AskedTable asked_by(const SchemaType& schema) {
  return {.spec = schema.spec(),
          .value_rule = descriptor_rule<typename SchemaType::ValueFormatType>()};
}

/// Puts typed entries: what a program's conversion is given.
template <class SchemaType>
class TypedPut {
 public:
  TypedPut(const SchemaType& schema, const PutStored& put) : schema_(schema), put_(put) {}

  Status operator()(const typename SchemaType::KeyArgument& key,
                    const typename SchemaType::ValueArgument& value) const {
    return schema_.with_stored(
        value, [&](Bytes stored) -> Status { return put_(schema_.encode(key).bytes(), stored); });
  }

 private:
  const SchemaType& schema_;
  const PutStored& put_;
};

template <class Old, class New, class Convert>
Migration migration_between(const Old& old, const New& asked, Convert convert) {
  return {.from = asked_by(old),
          .convert = [old, asked, convert = std::move(convert)](Bytes key, Bytes value,
                                                                const PutStored& put) -> Status {
            const auto typed_key = old.decode(key);
            if (!typed_key) return fail(typed_key);
            return old.with_view(value, [&](const auto& view) -> Status {
              return convert(*typed_key, view, TypedPut<New>(asked, put));
            });
          }};
}

}  // namespace detail

/// A table that is to become one of the asked schema.
struct MigrationTask {
  const Database& database;
  const std::string& name;
  const AskedTable& asked;
  const Migration& migration;
  const ProgressHook& hook;  ///< called after each commit; none: that of the database's options
};

/// Turns the table into one of the asked schema, and gives the new one's id.
///
/// Entries are converted in batches, each a commit, into a table beside it; `quire.migrations` says
/// how far that is, so that whoever opens the table after a crash goes on there. The last commit
/// puts the new table in place of the old one, which until then is whole and may be used. If it is
/// changed meanwhile, all begins anew, and the third time in one transaction.
/// Fails as a write transaction does; with what the conversion fails with, or what it puts, and
/// with invalid_argument when two entries become ones of the same key: then the next try begins
/// anew.
Result<TableId> migrate(const MigrationTask& task);

/// Takes back what a migration of this table has made so far, if anything: the table is to go.
Status forget_migration(WriteTransaction& txn, TableId source);

/// Whether a table of that name is a migration's own, and of no use without it.
[[nodiscard]] bool is_of_migration(std::string_view table_name);

}  // namespace quire
