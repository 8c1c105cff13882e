// One random script, the same for every backend, and what each answers, word for word.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conformance/places.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// Answers as text, one a line.
class Transcript {
 public:
  void add(std::string_view what, const std::string& answer) {
    lines_.push_back(std::string(what).append(": ").append(answer));
  }
  void add(std::string_view what, const Status& status) {
    add(what, status ? std::string("done") : told(status.error()));
  }
  template <class T>
  void add(std::string_view what, const Result<T>& result) {
    add(what, result ? told(*result) : told(result.error()));
  }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  static std::string told(const Error& error) {
    return std::string(name(error.code())).append(" ").append(error.detail());
  }
  static std::string told(bool answer) { return answer ? "yes" : "no"; }
  static std::string told(std::uint64_t number) { return std::to_string(number); }
  template <class T>
  static std::string told(const std::optional<T>& found) {
    return found ? told(*found) : std::string("nothing");
  }
  template <class T>
  static std::string told(const std::vector<T>& all) {
    std::string text;
    for (const T& each : all) text.append(told(each)).append("; ");
    return text;
  }
  static std::string told(const TableInfo& info) {
    return std::string(info.name).append(" ").append(std::to_string(info.root.entries));
  }
  template <class Shown>
    requires requires(const Shown& shown) { shown.key; }
  static std::string told(const Shown& entry) {
    return std::string(entry.key).append(" = ").append(*entry.value);
  }
  template <class Guard>
    requires requires(const Guard& guard) { guard->size(); }
  static std::string told(const Guard& guard) {
    return std::string(*guard);
  }

  std::vector<std::string> lines_;
};

/// Runs the script of a seed.
template <class Place>
class Script {
  using Backend = typename Place::Backend;
  using Texts = TableOf<Place, std::string, std::string>;

 public:
  explicit Script(std::uint64_t seed) : random_(seed) {
    for (int table = 0; table < 3; ++table) open_table();
  }

  std::vector<std::string> run(std::size_t steps) {
    for (std::size_t step = 0; step < steps; ++step) take_step();
    txn_.reset();
    for (auto& table : tables_) read_all(table);
    said_.add("tables", storage_.tables());
    return said_.lines();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string key() { return std::string(below(4), 'k') + std::to_string(below(60)); }
  std::string text() { return std::string(below(8) == 0 ? below(9000) : below(20), 'v'); }
  std::string table_name() { return "table" + std::to_string(below(4)); }
  Texts& table() { return tables_[below(tables_.size())]; }

  void take_step() {
    switch (below(16)) {
      case 0: return end_or_begin();
      case 1: return txn_ ? said_.add("tables", txn_->tables()) : change_tables(storage_);
      case 2:
        if (txn_ && below(4) == 0) return change_tables(*txn_);
        return said_.add("tables", storage_.tables());
      case 3:
        if (!txn_ && below(4) == 0) return open_table();
        return read(snapshot_.table(table()));
      case 4: snapshot_ = storage_.snapshot().value(); return;
      case 5: return read(table());
      case 6: return read_part(snapshot_.table(table()));
      case 7: return read_part(table());
      default: break;
    }
    if (!txn_) {
      edit(table());
    } else {
      auto editor = txn_->table(table());
      below(3) == 0 ? read(editor) : edit(editor);
      if (below(4) == 0) read_part(editor);
    }
  }

  void edit(auto&& face) {
    switch (below(4)) {
      case 0: return said_.add("erase", face.erase(key()));
      case 1: return said_.add("insert", face.insert_if_absent(key(), text()));
      default: return said_.add("put", face.put(key(), text()));
    }
  }

  void read(const auto& face) {
    switch (below(8)) {
      case 0: return said_.add("get", face.get(key()));
      case 1: return said_.add("contains", face.contains(key()));
      case 2: return said_.add("size", face.size());
      case 3: return said_.add("nth", face.nth(below(40)));
      case 4: return said_.add("rank", face.rank(key()));
      case 5: return said_.add("lower", face.lower_bound(key()));
      case 6: return said_.add("first", face.first());
      default: break;
    }
    std::vector<std::string> keys(below(80));
    for (std::string& each : keys) each = key();
    said_.add("many", face.get_many(keys));
  }

  void read_part(const auto& face) {
    const std::string from = key();
    const std::string to = key();
    said_.add("count", face.count(from, to));
    auto range = below(2) == 0 ? face.range(from, to) : face.prefix(from);
    if (below(2) == 0) range = std::move(range).reversed();
    said_.add("skip", range.skip(below(3)));
    for (std::uint64_t more = below(6); more > 0; --more) {
      const auto entry = range.next();
      if (!entry) return said_.add("next", Status(fail(entry)));
      if (*entry == nullptr) return said_.add("next", std::string("the end"));
      said_.add((*entry)->key, std::string(*(*entry)->value));
    }
    said_.add("left", range.count());
  }

  void read_all(const auto& face) {
    said_.add("all", face.range().for_each([&](const auto& entry) {
      said_.add(entry.key, std::string(*entry.value));
    }));
  }

  void change_tables(auto& place) {
    const std::string first = table_name();
    const std::string second = table_name();
    if (below(3) == 0) return said_.add("drop", place.drop_table(first));
    said_.add("rename", place.rename_table(first, second));
  }

  void open_table() {
    auto table = storage_.template new_table<std::string, std::string>(table_name()).build();
    tables_.push_back(table.value());
    said_.add("another type",
              Status(fail(
                  storage_.template new_table<int, std::string>(std::string(tables_.back().name()))
                      .build())));
  }

  void end_or_begin() {
    if (!txn_) {
      txn_ = storage_.begin_write().value();
    } else if (below(3) == 0) {
      txn_.reset();
    } else {
      const bool is_later = std::move(*txn_).commit().value().txn > snapshot_.txn();
      said_.add("commit", Result<bool>(is_later));
      txn_.reset();
    }
  }

  std::mt19937_64 random_;
  Place place_;
  Transcript said_;
  BasicStorage<Backend> storage_ = place_.open();
  std::vector<Texts> tables_;
  BasicStorageSnapshot<Backend> snapshot_ = storage_.snapshot().value();
  std::optional<BasicStorageTransaction<Backend>> txn_;
};

// Law: the same script has the same answers on every backend, errors and their words included.
TEST_CASE("the same script has the same answers on every backend") {
  constexpr std::size_t steps = 1500;
  std::size_t lines = 0;
  for (std::uint64_t seed = 0; seed < scaled(12); ++seed) {
    CAPTURE(seed);
    const auto expected = Script<NativePlace>(seed).run(steps);
    const auto check_same = [&]<class Place>(const Place*) {
      const auto answers = Script<Place>(seed).run(steps);
      for (std::size_t line = 0; line < std::min(answers.size(), expected.size()); ++line)
        REQUIRE(answers[line] == expected[line]);
      REQUIRE(answers.size() == expected.size());
    };
    std::apply([&](const auto*... places) { (check_same(places), ...); },
               []<class... All>(std::tuple<All...>*) {
                 return std::tuple<const All*...>();
               }(static_cast<Places*>(nullptr)));
    lines += expected.size();
  }
  MESSAGE("total: ", lines, " answers");
}

}  // namespace
}  // namespace quire::test
