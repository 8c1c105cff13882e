// The reading rows: point gets, missing keys, a full scan, and seeks with the 100 entries behind.
//
// LMDB reads in one long read transaction and quire in one snapshot, except where a row says that
// every get looks at the newest state: there LMDB renews its transaction for each get, the cheapest
// way it has, and quire's table does what its get always does.
#include <algorithm>
#include <memory>

#include "files.hpp"
#include "gets.hpp"
#include "rows.hpp"

namespace bench {

namespace {

constexpr std::size_t gets_per_round = 100'000;
constexpr std::size_t seeks_per_round = 5'000;
constexpr int entries_per_seek = 100;

using Files = std::shared_ptr<FilledFiles>;
using PickKeys = Keys (Data::*)(std::uint64_t, std::size_t) const;

Row get_row(const Files& files, std::string name, PickKeys pick, double target) {
  const auto keys = [files, pick](std::uint64_t round) {
    return (files->data().*pick)(round, gets_per_round);
  };
  return {.name = std::move(name),
          .unit = "get",
          .operations = gets_per_round,
          .target = target,
          .lmdb =
              [=](std::uint64_t round) {
                LmdbTransaction txn(files->lmdb(), LmdbAccess::read_only);
                return time_gets(keys(round),
                                 [&](std::uint64_t key) { return front_or_zero(txn.get(key)); });
              },
          .typed =
              [=](std::uint64_t round) {
                QuireStore& store = files->quire();
                const auto snapshot = store.storage().snapshot().value();
                const auto table = snapshot.table(store.table());
                return time_gets(keys(round),
                                 [&](std::uint64_t key) { return typed_front(table, key); });
              },
          .engine =
              [=](std::uint64_t round) {
                const QuireStore& store = files->quire();
                const quire::Snapshot snapshot = store.database().snapshot().value();
                const quire::TreeRoot root = store.root_in(snapshot);
                return time_gets(keys(round), [&](std::uint64_t key) {
                  const auto found = snapshot.get(root, SortableKey(key).bytes()).value();
                  return found ? front_of(found->data()) : 0;
                });
              }};
}

/// quire is given all keys at once.
Row many_row(const Files& files) {
  Row row = get_row(files, "gets of many keys at once", &Data::hits, 5);
  row.typed = [=](std::uint64_t round) {
    const Keys keys = files->data().hits(round, gets_per_round);
    const QuireStore::Table& table = files->quire().table();
    const Stopwatch watch;
    std::uint64_t sum = 0;
    for (const auto& found : table.get_many(keys).value())
      sum += found ? front_of((*found)->data()) : 0;
    return watch.stop(sum);
  };
  row.engine = {};
  return row;
}

Row newest_get_row(const Files& files) {
  const auto keys = [files](std::uint64_t round) {
    return files->data().hits(round, gets_per_round);
  };
  return {.name = "point get, newest state each",
          .unit = "get",
          .operations = gets_per_round,
          .target = 2,
          .lmdb =
              [=](std::uint64_t round) {
                LmdbTransaction txn(files->lmdb(), LmdbAccess::read_only);
                return time_gets(keys(round), [&](std::uint64_t key) {
                  txn.renew();
                  return front_or_zero(txn.get(key));
                });
              },
          .typed =
              [=](std::uint64_t round) {
                const QuireStore::Table& table = files->quire().table();
                return time_gets(keys(round),
                                 [&](std::uint64_t key) { return typed_front(table, key); });
              },
          .engine =
              [=](std::uint64_t round) {
                const QuireStore& store = files->quire();
                return time_gets(keys(round), [&](std::uint64_t key) {
                  const quire::Snapshot snapshot = store.database().snapshot().value();
                  const auto found =
                      snapshot.get(store.root_in(snapshot), SortableKey(key).bytes()).value();
                  return found ? front_of(found->data()) : 0;
                });
              }};
}

Row scan_row(const Files& files, double target) {
  const auto timed = [](auto&& scan_all) {
    const Stopwatch watch;
    return watch.stop(scan_all());
  };
  return {.name = "full scan",
          .unit = "entry",
          .operations = static_cast<double>(files->data().random().size()),
          .target = target,
          .lmdb =
              [=](std::uint64_t) {
                const LmdbStore& store = files->lmdb();
                return timed([&] { return scan(store); });
              },
          .typed =
              [=](std::uint64_t) {
                QuireStore& store = files->quire();
                return timed([&] { return scan_typed(store); });
              },
          .engine =
              [=](std::uint64_t) {
                const QuireStore& store = files->quire();
                return timed([&] { return scan_engine(store); });
              }};
}

Sample lmdb_seeks(const LmdbStore& store, const Keys& keys) {
  const LmdbTransaction txn(store, LmdbAccess::read_only);
  LmdbCursor cursor(txn);
  const Stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t key : keys) {
    auto entry = cursor.seek(key);
    for (int step = 0; entry && step < entries_per_seek; ++step, entry = cursor.next()) {
      sum += SortableKey::read(entry->key) ^ front_of(entry->value);
    }
  }
  return watch.stop(sum);
}

Sample typed_seeks(QuireStore& store, const Keys& keys) {
  const auto snapshot = store.storage().snapshot().value();
  const auto table = snapshot.table(store.table());
  const Stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t key : keys) {
    auto range = table.range_from(key);
    for (int step = 0; step < entries_per_seek; ++step) {
      const auto* entry = range.next().value();
      if (entry == nullptr) break;
      sum += entry->key ^ front_of(entry->value->data());
    }
  }
  return watch.stop(sum);
}

Sample engine_seeks(const QuireStore& store, const Keys& keys) {
  const quire::Snapshot snapshot = store.database().snapshot().value();
  quire::Cursor cursor = snapshot.cursor(store.root_in(snapshot));
  const Stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t key : keys) {
    bool found = cursor.seek(SortableKey(key).bytes()).value();
    for (int step = 0; found && step < entries_per_seek; ++step, found = cursor.next().value()) {
      sum += SortableKey::read(cursor.key().data()) ^ front_of(cursor.value().value().data());
    }
  }
  return watch.stop(sum);
}

Row seek_row(const Files& files) {
  const auto keys = [files](std::uint64_t round) {
    return files->data().misses(round, seeks_per_round);
  };
  return {.name = "range, seek and 100 entries",
          .unit = "seek",
          .operations = seeks_per_round,
          .target = 2,
          .lmdb = [=](std::uint64_t round) { return lmdb_seeks(files->lmdb(), keys(round)); },
          .typed = [=](std::uint64_t round) { return typed_seeks(files->quire(), keys(round)); },
          .engine = [=](std::uint64_t round) { return engine_seeks(files->quire(), keys(round)); }};
}

}  // namespace

std::vector<Row> read_rows(const Setting& setting) {
  const Files files = std::make_shared<FilledFiles>(setting, "reads", LmdbSync::off);
  const double scan_target = setting.layout == Layout::random ? 2.5 : 1.8;
  return {get_row(files, "point get", &Data::hits, 2),
          newest_get_row(files),
          many_row(files),
          get_row(files, "missing key", &Data::misses, 3),
          scan_row(files, scan_target),
          seek_row(files)};
}

}  // namespace bench
