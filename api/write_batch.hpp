// WriteBatch: edits that wait, for nobody's turn, to become one commit.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Edits of several tables, kept in memory until commit() makes them one transaction; so gathering
/// them keeps no other writer waiting. They are made in key order, whatever the order in which they
/// came, and of several edits of one key only the last. Storage::batch makes it. Not thread-safe.
///   auto batch = storage.batch();
///   batch.put(ciks, 320193, apple).value();
///   batch.erase(names, "Apple Computer").value();
///   batch.commit().value();
template <Backend Place>
class BasicWriteBatch {
 public:
  /// For Storage.
  explicit BasicWriteBatch(typename Place::Database database) : database_(std::move(database)) {}

  /// Keeps a copy. invalid_argument: a table of another storage. What is wrong with the key or the
  /// value is told by commit().
  template <class K, class V, class KeyCodec, class ValueCodec>
  Status put(const Table<K, V, KeyCodec, ValueCodec, Place>& table,
             const typename Table<K, V, KeyCodec, ValueCodec, Place>::KeyArgument& key,
             const typename Table<K, V, KeyCodec, ValueCodec, Place>::ValueArgument& value) {
    const auto number = number_of(table.binding());
    if (!number) return fail(number);
    const auto& schema = table.binding().schema;
    return schema.with_stored(value, [&](Bytes stored) {
      add(*number, schema.encode(key).bytes(), stored, false);
      return Status();
    });
  }
  template <class K, class V, class KeyCodec, class ValueCodec>
  Status erase(const Table<K, V, KeyCodec, ValueCodec, Place>& table,
               const typename Table<K, V, KeyCodec, ValueCodec, Place>::KeyArgument& key) {
    const auto number = number_of(table.binding());
    if (!number) return fail(number);
    add(*number, table.binding().schema.encode(key).bytes(), {}, true);
    return {};
  }

  [[nodiscard]] std::size_t size() const { return edits_.size(); }
  void clear() {
    edits_.clear();
    bytes_.clear();
  }

  /// Makes them all in one transaction, and is empty then. When that fails nothing was changed, and
  /// they are still here: key_too_long, value_too_large, table_missing, and what begin_write() and
  /// commit() of a transaction fail with. outcome_unknown: see StorageTransaction::commit.
  Result<typename Place::Receipt> commit(std::optional<Durability> durability = {}) {
    auto txn = database_.begin_write();
    if (!txn) return fail(txn);
    if (Status done = apply_all(*txn, in_order()); !done) return fail(done);
    auto receipt = std::move(*txn).commit(durability);
    if (receipt) clear();
    return receipt;
  }

 private:
  struct Edit {
    std::uint32_t table;  ///< number in tables_
    std::uint32_t key_size;
    std::uint64_t offset;  ///< of the key, which the value follows
    std::uint64_t value_size;
    bool erases;
  };
  struct Named {
    TableId id;
    std::string name;
  };

  template <class Binding>
  Result<std::uint32_t> number_of(const Binding& binding) {
    if (binding.database.identity() != database_.identity())
      return fail(Error(ErrorCode::invalid_argument)
                      .with_detail("table " + binding.name + " is one of another storage"));
    const auto known = std::ranges::find(tables_, binding.id, &Named::id);
    const auto number = static_cast<std::uint32_t>(known - tables_.begin());
    if (known == tables_.end()) tables_.push_back({binding.id, binding.name});
    return number;
  }

  void add(std::uint32_t table, Bytes key, Bytes value, bool erases) {
    edits_.push_back(
        {table, static_cast<std::uint32_t>(key.size()), bytes_.size(), value.size(), erases});
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }

  [[nodiscard]] Bytes key_of(const Edit& edit) const {
    return Bytes(bytes_).subspan(edit.offset, edit.key_size);
  }

  /// The edits that count, by table and key.
  [[nodiscard]] std::vector<std::uint32_t> in_order() const {
    std::vector<std::uint32_t> order(edits_.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto compare_places = [&](std::uint32_t left, std::uint32_t right) {
      const auto tables = edits_[left].table <=> edits_[right].table;
      return tables != 0 ? tables : compare(key_of(edits_[left]), key_of(edits_[right]));
    };
    // The last edit of a key first, so that it is the one that stays.
    std::ranges::sort(order, [&](std::uint32_t left, std::uint32_t right) {
      const auto places = compare_places(left, right);
      return places != 0 ? places < 0 : left > right;
    });
    const auto others = std::ranges::unique(order, [&](std::uint32_t left, std::uint32_t right) {
      return compare_places(left, right) == 0;
    });
    order.erase(others.begin(), others.end());
    return order;
  }

  /// Group by group, of one table each.
  Status apply_all(typename Place::WriteTransaction& txn,
                   std::span<const std::uint32_t> order) const {
    while (!order.empty()) {
      const auto is_of_another = [&](std::uint32_t index) {
        return edits_[index].table != edits_[order.front()].table;
      };
      const auto most = order.first(std::min(order.size(), lookup_group_size));
      const auto end = std::ranges::find_if(most, is_of_another);
      const auto group = order.first(static_cast<std::size_t>(end - most.begin()));
      look_ahead(txn, group);
      for (const std::uint32_t index : group)
        if (Status done = apply(txn, edits_[index]); !done) return done;
      order = order.subspan(group.size());
    }
    return {};
  }

  void look_ahead(typename Place::WriteTransaction& txn,
                  std::span<const std::uint32_t> group) const {
    if constexpr (LooksAhead<Place>) {
      std::array<Bytes, lookup_group_size> keys;
      std::ranges::transform(group, keys.begin(),
                             [&](std::uint32_t index) { return key_of(edits_[index]); });
      const auto& [id, name] = tables_[edits_[group.front()].table];
      txn.look_ahead(id, name, std::span(keys).first(group.size()));
    }
  }

  Status apply(typename Place::WriteTransaction& txn, const Edit& edit) const {
    const auto& [id, name] = tables_[edit.table];
    const Bytes value = Bytes(bytes_).subspan(edit.offset + edit.key_size, edit.value_size);
    const auto done = edit.erases ? txn.erase(id, name, key_of(edit))
                                  : txn.put(id, name, key_of(edit), value, PutMode::upsert);
    return done ? Status() : fail(done);
  }

  typename Place::Database database_;
  std::vector<Named> tables_;
  std::vector<Edit> edits_;
  std::vector<std::byte> bytes_;
};

using WriteBatch = BasicWriteBatch<backend::Native>;

}  // namespace quire
