// The rows about what values are: one field of an archive of a kilobyte, numbers, small structs.
//
// quire reads the field where it lies; its check is made once for each version of a page. LMDB
// gives bytes, so its program either copies them into a struct of its own before it trusts their
// alignment, or has FlatBuffers verify and read them. What typed tables add to the engine is set
// against it in the last rows: gets of a struct by type, and of the same bytes below the types.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "company.hpp"
#include "files.hpp"
#include "gets.hpp"
#include "rows.hpp"

namespace bench {

namespace {

constexpr std::size_t most_entries = 100'000;
constexpr std::size_t field_gets_per_round = 100'000;
constexpr std::size_t struct_gets_per_turn = 20'000;

/// quire with values of any type, reached by type and below the types.
template <class V, class Format>
class ValueStore {
 public:
  using Table = quire::Table<std::uint64_t, V, quire::OrderedFormat, Format>;

  explicit ValueStore(const std::string& path)
      : database_(quire::Database::open(path, {}).value()),
        storage_(database_),
        table_(storage_.template new_table<std::uint64_t, V>("entries")
                   .with_value_format(Format{})
                   .build()
                   .value()) {}

  void load(const Keys& keys, auto&& value_of) {
    for (std::size_t begin = 0; begin < keys.size(); begin += load_batch) {
      auto txn = storage_.begin_write().value();
      auto editor = txn.table(table_);
      const std::size_t end = std::min(keys.size(), begin + load_batch);
      for (std::size_t at = begin; at < end; ++at) editor.put(keys[at], value_of(keys[at])).value();
      std::move(txn).commit(quire::Durability::buffered).value();
    }
    storage_.sync().value();
  }

  [[nodiscard]] quire::Storage& storage() noexcept { return storage_; }
  [[nodiscard]] const Table& table() const noexcept { return table_; }
  [[nodiscard]] const quire::Database& database() const noexcept { return database_; }
  [[nodiscard]] quire::TreeRoot root_in(const quire::Snapshot& snapshot) const {
    return snapshot.root(table_.id(), table_.name()).value().value();
  }

 private:
  quire::Database database_;
  quire::Storage storage_;
  Table table_;
};

/// LMDB with such bytes under each of the keys, which are sorted; synced.
std::unique_ptr<LmdbStore> filled_lmdb(const std::string& path, const Keys& keys, auto&& bytes_of) {
  auto store = std::make_unique<LmdbStore>(path, LmdbSync::off, keys.size());
  LmdbTransaction txn(*store, LmdbAccess::read_write);
  for (const std::uint64_t key : keys) txn.put(key, bytes_of(key), MDB_APPEND);
  txn.commit();
  check_lmdb(::mdb_env_sync(store->environment(), 1), "mdb_env_sync");
  return store;
}

// ---- One field of a large value

using Archives = ValueStore<Company, quire::RkyvFormat>;

/// The same companies in three files; made at the first use, removed at the end.
class CompanyFiles {
 public:
  explicit CompanyFiles(const Setting& setting)
      : path_(setting.directory + "/companies"),
        data_(std::min<std::uint64_t>(setting.data.random().size(), most_entries)) {}
  CompanyFiles(const CompanyFiles&) = delete;
  CompanyFiles& operator=(const CompanyFiles&) = delete;
  ~CompanyFiles() {
    copied_.reset();
    flat_.reset();
    archives_.reset();
    for (const char* name : {".copied", ".flat", ".quire"}) remove_files(path_ + name);
  }

  LmdbStore& copied() { return filled(copied_, ".copied", &CompanyMaker::copied); }
  LmdbStore& flat() { return filled(flat_, ".flat", &CompanyMaker::flat); }
  Archives& archives() {
    if (archives_) return *archives_;
    archives_ = std::make_unique<Archives>(path_ + ".quire");
    CompanyMaker company;
    archives_->load(data_.sorted(), [&](std::uint64_t key) { return company.archived(key); });
    return *archives_;
  }
  [[nodiscard]] Keys keys(std::uint64_t round) const {
    return data_.hits(round, field_gets_per_round);
  }

 private:
  using MakeValue = std::span<const std::byte> (CompanyMaker::*)(std::uint64_t);

  LmdbStore& filled(std::unique_ptr<LmdbStore>& store, const char* name, MakeValue make) {
    if (store) return *store;
    CompanyMaker company;
    store = filled_lmdb(path_ + name, data_.sorted(),
                        [&](std::uint64_t key) { return (company.*make)(key); });
    return *store;
  }

  std::string path_;
  Data data_;
  std::unique_ptr<LmdbStore> copied_;
  std::unique_ptr<LmdbStore> flat_;
  std::unique_ptr<Archives> archives_;
};

using Companies = std::shared_ptr<CompanyFiles>;

/// What a program over LMDB does with the bytes that it got.
struct Rival {
  std::string name;
  LmdbStore& (CompanyFiles::*store)();
  std::uint64_t (*read)(std::span<const std::byte> stored);
};

/// Not inlined, so that all of it is copied.
[[gnu::noinline]] void copy_company(CompanyStruct& target, std::span<const std::byte> stored) {
  std::memcpy(&target, stored.data(), sizeof(target));
}
std::uint64_t read_copied(std::span<const std::byte> stored) {
  if (stored.size() != sizeof(CompanyStruct)) return 0;
  CompanyStruct company;
  copy_company(company, stored);
  return company.number;
}

std::uint64_t read_flat(std::span<const std::byte> stored) {
  const auto* bytes = static_cast<const std::uint8_t*>(static_cast<const void*>(stored.data()));
  flatbuffers::Verifier verifier(bytes, stored.size());
  if (!verifier.VerifyBuffer<flat::Company>()) return 0;
  return flatbuffers::GetRoot<flat::Company>(bytes)->number();
}

std::uint64_t read_archive(std::span<const std::byte> stored) {
  return quire::RkyvFormat().view<Company>(stored).number();
}

std::uint64_t typed_number(const auto& table, std::uint64_t key) {
  const auto found = table.get(key).value();
  return found ? (*found)->number() : 0;
}

Row field_row(std::string name) {
  return {.name = std::move(name),
          .unit = "get",
          .operations = field_gets_per_round,
          .target = 1.5,
          .lmdb = {},
          .typed = {},
          .engine = {}};
}

Row snapshot_field_row(const Companies& files, const Rival& rival) {
  Row row = field_row("field, LMDB " + rival.name);
  row.lmdb = [=](std::uint64_t round) {
    LmdbTransaction txn(((*files).*rival.store)(), LmdbAccess::read_only);
    return time_gets(files->keys(round),
                     [&](std::uint64_t key) { return rival.read(txn.get_bytes(key)); });
  };
  row.typed = [=](std::uint64_t round) {
    Archives& store = files->archives();
    const auto snapshot = store.storage().snapshot().value();
    const auto table = snapshot.table(store.table());
    return time_gets(files->keys(round),
                     [&](std::uint64_t key) { return typed_number(table, key); });
  };
  row.engine = [=](std::uint64_t round) {
    const Archives& store = files->archives();
    const quire::Snapshot snapshot = store.database().snapshot().value();
    const quire::TreeRoot root = store.root_in(snapshot);
    return time_gets(files->keys(round), [&](std::uint64_t key) {
      return read_archive(*snapshot.get(root, SortableKey(key).bytes()).value());
    });
  };
  return row;
}

Row newest_field_row(const Companies& files, const Rival& rival) {
  Row row = field_row("field, newest state each, LMDB " + rival.name);
  row.lmdb = [=](std::uint64_t round) {
    LmdbTransaction txn(((*files).*rival.store)(), LmdbAccess::read_only);
    return time_gets(files->keys(round), [&](std::uint64_t key) {
      txn.renew();
      return rival.read(txn.get_bytes(key));
    });
  };
  row.typed = [=](std::uint64_t round) {
    const Archives::Table& table = files->archives().table();
    return time_gets(files->keys(round),
                     [&](std::uint64_t key) { return typed_number(table, key); });
  };
  row.engine = [=](std::uint64_t round) {
    const Archives& store = files->archives();
    const Archives::Table& table = store.table();
    return time_gets(files->keys(round), [&](std::uint64_t key) {
      const auto found =
          store.database().get(table.id(), table.name(), SortableKey(key).bytes()).value();
      return read_archive(found->bytes);
    });
  };
  return row;
}

// ---- Numbers

using Numbers = ValueStore<std::uint64_t, quire::PlainFormat>;

/// A number under each key, filled in key order; made at the first use, removed at the end.
class NumberFiles {
 public:
  explicit NumberFiles(const Setting& setting)
      : data_(setting.data), path_(setting.directory + "/numbers") {}
  NumberFiles(const NumberFiles&) = delete;
  NumberFiles& operator=(const NumberFiles&) = delete;
  ~NumberFiles() {
    lmdb_.reset();
    quire_.reset();
    for (const char* name : {".lmdb", ".quire"}) remove_files(path_ + name);
  }

  const LmdbStore& lmdb() {
    fill();
    return *lmdb_;
  }
  Numbers& quire() {
    fill();
    return *quire_;
  }

 private:
  void fill() {
    if (quire_) return;
    std::uint64_t number = 0;
    lmdb_ = filled_lmdb(path_ + ".lmdb", data_.sorted(), [&](std::uint64_t key) {
      number = mix(key);
      return std::as_bytes(std::span(&number, 1));
    });
    quire_ = std::make_unique<Numbers>(path_ + ".quire");
    quire_->load(data_.sorted(), mix);
    for (const auto& [key, value] : quire_->table().range()) static_cast<void>(*value);
  }

  const Data& data_;
  std::string path_;
  std::unique_ptr<LmdbStore> lmdb_;
  std::unique_ptr<Numbers> quire_;
};

Row number_scan_row(const Setting& setting) {
  const auto files = std::make_shared<NumberFiles>(setting);
  return {.name = "full scan of 8-byte values",
          .unit = "entry",
          .operations = static_cast<double>(setting.data.random().size()),
          .target = 5,
          .lmdb =
              [=](std::uint64_t) {
                const LmdbStore& store = files->lmdb();
                const Stopwatch watch;
                return watch.stop(scan(store));
              },
          .typed =
              [=](std::uint64_t) {
                const Numbers::Table& table = files->quire().table();
                const Stopwatch watch;
                std::uint64_t sum = 0;
                for (const auto& [key, value] : table.range()) sum += key ^ *value;
                return watch.stop(sum);
              },
          .engine = {}};
}

// ---- Small structs

struct Measurement {
  std::uint64_t number;
  double value;
  std::uint32_t sensor;
  std::uint32_t flags;
};
using Measurements = ValueStore<Measurement, quire::PlainFormat>;

/// One file; made at the first use, removed at the end.
class MeasurementFile {
 public:
  explicit MeasurementFile(const Setting& setting)
      : data_(setting.data), path_(setting.directory + "/measurements.quire") {}
  MeasurementFile(const MeasurementFile&) = delete;
  MeasurementFile& operator=(const MeasurementFile&) = delete;
  ~MeasurementFile() {
    store_.reset();
    remove_files(path_);
  }

  /// All pages are mapped and verified before the first turn.
  Measurements& store() {
    if (store_) return *store_;
    store_ = std::make_unique<Measurements>(path_);
    store_->load(data_.sorted(), [](std::uint64_t key) {
      return Measurement{.number = mix(key), .value = 1.5, .sensor = 3, .flags = 7};
    });
    for (const auto& [key, value] : store_->table().range()) static_cast<void>(value->number);
    return *store_;
  }
  [[nodiscard]] Keys keys(std::uint64_t turn) const {
    return data_.hits(turn, struct_gets_per_turn);
  }

 private:
  const Data& data_;
  std::string path_;
  std::unique_ptr<Measurements> store_;
};

using File = std::shared_ptr<MeasurementFile>;

Contrast struct_contrast(std::string name, const File& file, auto engine_gets, auto typed_gets) {
  const auto way = [&](auto gets) {
    return Way{.operations = struct_gets_per_turn,
               .side = [=](std::uint64_t turn) { return gets(file->store(), file->keys(turn)); }};
  };
  return {.name = std::move(name),
          .unit = "get",
          .comparison = Comparison::speedup,
          .target = 0.95,
          .plain = way(std::move(engine_gets)),
          .other = way(std::move(typed_gets))};
}

std::uint64_t number_or_zero(const auto& found) { return found ? (*found)->number : 0; }

Contrast snapshot_struct_contrast(const File& file) {
  return struct_contrast(
      "get of a struct by type, over its engine's", file,
      [](const Measurements& store, const Keys& keys) {
        const quire::Snapshot snapshot = store.database().snapshot().value();
        const quire::TreeRoot root = store.root_in(snapshot);
        return time_gets(keys, [&](std::uint64_t key) {
          const auto found = snapshot.get(root, SortableKey(key).bytes()).value();
          return found ? front_of(found->data()) : 0;
        });
      },
      [](Measurements& store, const Keys& keys) {
        const auto snapshot = store.storage().snapshot().value();
        const auto table = snapshot.table(store.table());
        return time_gets(keys,
                         [&](std::uint64_t key) { return number_or_zero(table.get(key).value()); });
      });
}

Contrast newest_struct_contrast(const File& file) {
  return struct_contrast(
      "newest of a struct by type, over its engine's", file,
      [](const Measurements& store, const Keys& keys) {
        const Measurements::Table& table = store.table();
        return time_gets(keys, [&](std::uint64_t key) {
          const auto found =
              store.database().get(table.id(), table.name(), SortableKey(key).bytes()).value();
          return found ? front_of(found->bytes.data()) : 0;
        });
      },
      [](const Measurements& store, const Keys& keys) {
        return time_gets(keys, [&](std::uint64_t key) {
          return number_or_zero(store.table().get(key).value());
        });
      });
}

}  // namespace

std::vector<Row> value_rows(const Setting& setting) {
  const Companies files = std::make_shared<CompanyFiles>(setting);
  std::vector<Row> rows;
  for (const Rival& rival : {Rival{"copies", &CompanyFiles::copied, read_copied},
                             Rival{"verifies", &CompanyFiles::flat, read_flat}}) {
    rows.push_back(snapshot_field_row(files, rival));
    rows.push_back(newest_field_row(files, rival));
  }
  rows.push_back(number_scan_row(setting));
  return rows;
}

std::vector<Contrast> value_contrasts(const Setting& setting) {
  const File file = std::make_shared<MeasurementFile>(setting);
  return {snapshot_struct_contrast(file), newest_struct_contrast(file)};
}

}  // namespace bench
