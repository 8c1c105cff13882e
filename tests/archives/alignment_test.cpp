// Values of all formats, taken every way that a value can go: through splits and merges, in pages
// and in runs, replaced by longer and shorter ones, alone and in groups, in memory and on the disk,
// and through kvtool's dump.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <bit>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quire/formats/compressed.hpp"
#include "quire/formats/flatbuffers.hpp"
#include "quire/formats/rkyv.hpp"
#include "quire/quire.hpp"
#include "support/model_material.hpp"
#include "support/temporary_directory.hpp"
#include "support/volume.hpp"
#include "tools/commands.hpp"
#include "unit/formats/sample_monster.hpp"

namespace quire::test {
namespace {

struct Wide {
  UnsignedInt128 number = 0;
  std::string text;
  std::vector<UnsignedInt128> more;
  bool operator==(const Wide&) const = default;
};
QUIRE_DESCRIBE(Wide, number, text, more)

constexpr std::uint32_t page_size = 4096;
constexpr std::uint64_t key_count = 200;

/// Of different lengths, because values lie behind their keys.
std::string key_of(std::uint64_t number) {
  return std::to_string(number) + std::string(number % 37, 'k');
}

/// From nothing to several pages.
std::size_t size_of(std::uint64_t seed) {
  constexpr std::array<std::size_t, 4> limits{40, 300, 1500, 20'000};
  return seed / 4 % limits[seed % limits.size()];
}

bool lies_at(const void* place, std::size_t alignment) {
  return std::bit_cast<std::uintptr_t>(place) % alignment == 0;
}

// ---- What is stored: each value follows from a seed

/// Whether a value is stored that is longer than a page.
enum class Sizes : std::uint8_t { small, large };

struct RawSubject {
  using Value = ByteString;
  static constexpr Sizes sizes = Sizes::large;

  static Value value_of(std::uint64_t seed) { return Value(size_of(seed), std::byte(seed >> 56)); }
  [[nodiscard]] bool is_right(Bytes shown, std::uint64_t seed) const {
    return lies_at(shown.data(), format.value_alignment) && equal(shown, value_of(seed));
  }

  RawFormat format;
};

/// Structs of so many lines of a cache.
template <std::size_t lines>
struct PlainSubject {
  struct alignas(64) Value {
    std::array<std::uint64_t, 8 * lines> words;
    bool operator==(const Value&) const = default;
  };
  static constexpr Sizes sizes = sizeof(Value) > page_size ? Sizes::large : Sizes::small;

  static Value value_of(std::uint64_t seed) {
    Value value{};
    value.words.fill(seed);
    return value;
  }
  [[nodiscard]] static bool is_right(const Value& shown, std::uint64_t seed) {
    return lies_at(&shown, 64) && shown == value_of(seed);
  }

  PlainFormat format;
};

template <class Format>
struct ArchiveSubject {
  using Value = Wide;
  static constexpr Sizes sizes =
      std::same_as<Format, RkyvFormat> ? Sizes::large : Sizes::small;  // they compress well

  static Wide value_of(std::uint64_t seed) {
    const std::size_t size = size_of(seed);
    return {.number = seed,
            .text = std::string(size % 1000, 't'),
            .more = std::vector<UnsignedInt128>(size / 16, seed)};
  }
  [[nodiscard]] static bool is_right(const rkyv::RecordView<Wide>& shown, std::uint64_t seed) {
    return lies_at(shown.field_at<0>(), 16) && shown.to_owned() == value_of(seed);
  }

  Format format;
};

struct FlatbufferSubject {
  using Value = monsters::Monster;
  static constexpr Sizes sizes = Sizes::large;

  static monsters::MonsterT value_of(std::uint64_t seed) {
    return sample_monster(std::string(size_of(seed), 'n'));
  }
  [[nodiscard]] static bool is_right(const Value& shown, std::uint64_t seed) {
    return lies_at(shown.lanes(), 16) && lies_at(shown.place(), alignof(monsters::Place)) &&
           lies_at(shown.path()->Data(), alignof(monsters::Place)) &&
           shown.name()->string_view() == std::string(size_of(seed), 'n') &&
           shown.lanes()->at()->Get(3) == 0.5F;
  }

  FlatbuffersFormat<Value> format;
};

// ---- The ways

enum class Medium : std::uint8_t { memory, disk };

/// How a storage is used.
struct Manner {
  Medium medium = Medium::memory;
  Durability durability = Durability::buffered;
  std::uint64_t memory_budget = std::uint64_t{1} << 28;
};
constexpr std::uint64_t few_pages = 4 * std::uint64_t{page_size};

void run_kvtool(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "kvtool");
  const auto request =
      kvtool::parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::ostringstream data;
  REQUIRE(kvtool::run(std::get<kvtool::Request>(request), data).value() == kvtool::ExitStatus::ok);
}

template <class Subject>
auto table_of(Storage& storage, const Subject& subject) {
  return storage.new_table<std::string, typename Subject::Value>("values")
      .with_value_format(subject.format)
      .build()
      .value();
}

/// A table beside the seeds of what it must show.
template <class Subject>
class Course {
 public:
  Course(Subject subject, const Manner& manner) : subject_(std::move(subject)), manner_(manner) {
    if (manner.medium == Medium::disk) directory_.emplace();
    open();
  }

  void run() {
    for (const std::uint64_t erasures :
         {1U, 8U, 3U}) {  // of ten edits: it grows, shrinks, and stays
      edit_in_transaction(erasures);
      require_right();
      for (std::size_t count = scaled(200); count != 0; --count) edit(*table_, erasures);
      require_right();
    }
    edit_together();
    require_right();
    const CheckReport report = storage_->check().value();
    CHECK(report.is_clean());
    CHECK(report.tree_pages > 1);
    CHECK((report.overflow_pages > 0) == (Subject::sizes == Sizes::large));
    close();
    if (manner_.medium == Medium::disk) copy();
    open();
    require_right();
  }

 private:
  using Table = decltype(table_of(std::declval<Storage&>(), std::declval<const Subject&>()));

  [[nodiscard]] std::string path_of(const std::string& name) const {
    return directory_ ? *directory_ / name : name;
  }
  void open() {
    StorageBuilder builder(path_of(name_));
    if (!directory_) builder.with_backend(files_);
    storage_ = builder.with_page_size(page_size)
                   .with_sharing(Sharing::exclusive)
                   .with_durability(manner_.durability)
                   .with_memory_budget(manner_.memory_budget)
                   .build()
                   .value();
    table_ = table_of(*storage_, subject_);
  }
  void close() {
    table_.reset();
    storage_->close().value();
    storage_.reset();
  }

  void edit(auto& face, std::uint64_t erasures) {
    const std::string key = key_of(dice_.below(key_count));
    if (dice_.below(10) < erasures) {
      REQUIRE(face.erase(key).value() == (seeds_.erase(key) == 1));
      return;
    }
    const std::uint64_t seed = dice_.number();
    face.put(key, Subject::value_of(seed)).value();
    seeds_[key] = seed;
    REQUIRE(subject_.is_right(**face.get(key).value(), seed));
  }

  void edit_in_transaction(std::uint64_t erasures) {
    const std::uint64_t before = storage_->statistics().value().pages_written;
    auto txn = storage_->begin_write().value();
    auto editor = txn.table(*table_);
    for (std::size_t count = scaled(600); count != 0; --count) edit(editor, erasures);
    require_right(editor);
    std::move(txn).commit().value();
    const std::uint64_t written = storage_->statistics().value().pages_written - before;
    // Resident commits write only what does not fit into the budget, and runs.
    const bool writes = manner_.durability != Durability::resident ||
                        manner_.memory_budget == few_pages || Subject::sizes == Sizes::large;
    if (erasures != 1) return;
    if (!writes) CHECK(written == 0);
    // Fewer edits than usual fit into any budget.
    if (writes && volume() >= 1) CHECK(written > 0);
  }

  /// Edits of several threads become common commits.
  void edit_together() {
    constexpr std::uint64_t thread_count = 4;
    std::atomic<std::uint64_t> wrong = 0;
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < thread_count; ++thread)
      threads.emplace_back([this, thread, &wrong, own = *table_]() mutable {
        for (std::uint64_t number = thread; number < key_count; number += thread_count) {
          own.put(key_of(number), Subject::value_of(seed_of(number))).value();
          const auto found = own.get(key_of(number)).value();
          if (!found || !subject_.is_right(**found, seed_of(number))) ++wrong;
        }
      });
    threads.clear();
    REQUIRE(wrong == 0);
    for (std::uint64_t number = 0; number < key_count; ++number)
      seeds_[key_of(number)] = seed_of(number);
  }
  static std::uint64_t seed_of(std::uint64_t number) { return Dice(number).number(); }

  /// Goes on with what kvtool makes of a dump.
  void copy() {
    const std::string path = path_of(name_);
    const std::string dump = path_of("dump");
    name_ = "copy";
    const std::string made = path_of(name_);
    run_kvtool({"dump", path.c_str(), "-o", dump.c_str()});
    run_kvtool({"load", made.c_str(), "-i", dump.c_str()});
  }

  void require_right(const auto& face) {
    auto expected = seeds_.begin();
    for (const auto& [key, shown] : face.range()) {
      REQUIRE(expected != seeds_.end());
      REQUIRE(key == expected->first);
      REQUIRE(subject_.is_right(*shown, expected->second));
      ++expected;
    }
    REQUIRE(expected == seeds_.end());
    for (const auto& [key, seed] : seeds_) {
      const auto found = face.get(key).value();
      REQUIRE(found.has_value());
      REQUIRE(subject_.is_right(**found, seed));
    }
  }
  void require_right() {
    require_right(*table_);
    require_right(storage_->snapshot().value().table(*table_));
  }

  Subject subject_;
  Manner manner_;
  MemoryFileSystem files_;
  std::optional<TemporaryDirectory> directory_;
  std::string name_ = "storage";
  Dice dice_{1};
  std::optional<Storage> storage_;
  std::optional<Table> table_;
  std::map<std::string, std::uint64_t> seeds_;
};

template <class Subject>
void check_everywhere(const Subject& subject) {
  for (const Manner& manner :
       {Manner{}, Manner{.durability = Durability::full}, Manner{.memory_budget = few_pages},
        Manner{.durability = Durability::resident},
        Manner{.durability = Durability::resident, .memory_budget = few_pages},
        Manner{.medium = Medium::disk, .memory_budget = few_pages}}) {
    CAPTURE(manner.durability);
    CAPTURE(manner.memory_budget);
    Course(subject, manner).run();
  }
}

// Law: whatever way a value went, it lies at its format's alignment, and is what was put.
TEST_CASE("raw values lie at their alignment, whatever way they went") {
  for (const std::uint32_t alignment : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
    CAPTURE(alignment);
    check_everywhere(RawSubject{{.value_alignment = alignment}});
  }
}

TEST_CASE("structs lie at their alignment, whatever way they went") {
  check_everywhere(PlainSubject<3>{});
  check_everywhere(PlainSubject<100>{});
}

TEST_CASE("archives lie at their alignment, whatever way they went") {
  check_everywhere(ArchiveSubject<RkyvFormat>{});
  check_everywhere(ArchiveSubject<Compressed<RkyvFormat>>{});
}

TEST_CASE("FlatBuffers lie at their alignment, whatever way they went") {
  check_everywhere(FlatbufferSubject{});
}

}  // namespace
}  // namespace quire::test
