// Random edits of trees against a sorted map.
#include "quire/engine/tree/tree_editor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "quire/engine/tree/lookup.hpp"
#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "tree_audit.hpp"
#include "tree_world.hpp"

namespace quire::test {
namespace {

constexpr std::array<std::uint32_t, 5> page_sizes = {4096, 8192, 16384, 32768, 65536};

/// What one random run is about.
struct Course {
  std::uint64_t seed;
  KeyShape shape;
  ValueSizes sizes;
  std::uint32_t page_size;
  std::uint32_t alignment_log2;
  std::uint64_t operations;
};

/// One tree and its model under the same random edits.
class TreeRun {
 public:
  explicit TreeRun(const Course& course)
      : course_(course),
        dice_(course.seed),
        keys_(dice_, course.shape, layout::max_key_size(course.page_size)),
        values_(dice_, course.sizes, layout::max_inline_size(course.page_size)),
        world_(course.page_size, course.alignment_log2) {}

  void run() {
    std::uint64_t next_audit = 0;
    for (std::uint64_t operation = 0; operation < course_.operations; ++operation) {
      CAPTURE(operation);
      step(operation * 6 / course_.operations % 3);
      if (operation < next_audit) continue;
      audit(world_, model_);
      if (dice_.one_in(8)) check_reading(world_, model_, dice_, keys_);
      next_audit = operation + 1 + dice_.below(8 + model_.size() / 4);
    }
    drain();
  }

 private:
  /// Phases: 0 the tree grows, 1 it is churned, 2 it shrinks.
  void step(std::uint64_t phase) {
    if (dice_.one_in(150)) return end_transaction();
    if (dice_.one_in(phase == 2 ? 40 : 200)) return erase_range();
    if (dice_.one_in(phase == 0 ? 8 : 2) || (phase == 2 && !dice_.one_in(6))) return erase();
    if (dice_.one_in(8)) return put_under_what_is_there();
    switch (dice_.below(6)) {
      case 0: return put(keys_.next(), PutMode::insert_only);
      case 1: return put(known_key(), PutMode::replace_only);
      case 2: return put(known_key(), PutMode::upsert);
      case 3: return put_what_is_there();
      default: return put(keys_.next(), PutMode::upsert);
    }
  }

  std::string known_key() {
    const std::string guess = keys_.guess();
    const auto near = model_.lower_bound(guess);
    return near == model_.end() ? guess : near->first;
  }

  void put(const std::string& key, PutMode mode) {
    Recipe recipe = values_.next(key.size());
    if (course_.sizes != ValueSizes::equal && dice_.one_in(300))
      recipe.size = dice_.below(5 * std::uint64_t{course_.page_size});
    check_put(key, cook(recipe, room_), recipe, mode);
  }

  /// A value may be stored again straight from where it was read.
  void put_what_is_there() {
    const auto from = model_.find(known_key());
    if (from == model_.end()) return;
    const std::optional<Value> value =
        lookup(world_.pages(), world_.root(), as_bytes(from->first)).value();
    REQUIRE(value);
    const std::string key = dice_.one_in(3) ? from->first : keys_.next();
    check_put(key, *value, Recipe(from->second), PutMode::upsert);
  }

  /// And be a key, straight from there, with itself as the value.
  void put_under_what_is_there() {
    const auto from = model_.find(known_key());
    if (from == model_.end() || from->second.size == 0) return;
    const std::optional<Value> value =
        lookup(world_.pages(), world_.root(), as_bytes(from->first)).value();
    REQUIRE(value);
    const std::size_t most =
        std::min<std::size_t>(value->size(), layout::max_key_size(course_.page_size));
    check_put(value->first(1 + dice_.below(most)), *value, Recipe(from->second), PutMode::upsert);
  }

  void check_put(const std::string& key, Bytes value, const Recipe& recipe, PutMode mode) {
    check_put(as_bytes(key), value, recipe, mode);
  }
  void check_put(Bytes place, Bytes value, const Recipe& recipe, PutMode mode) {
    const std::string key(as_text(place));
    const bool is_there = model_.contains(key);
    const bool changes = mode != (is_there ? PutMode::insert_only : PutMode::replace_only);
    const EditOutcome outcome = world_.put(place, value, mode);
    REQUIRE(outcome.found == is_there);
    REQUIRE(outcome.changed == changes);
    if (changes) model_[key] = recipe;
  }

  void erase() {
    const std::string key = dice_.one_in(10) ? keys_.next() : known_key();
    const EditOutcome outcome = world_.erase(key);
    const bool was_there = model_.erase(key) == 1;
    REQUIRE(outcome.found == was_there);
    REQUIRE(outcome.changed == was_there);
  }

  /// Mostly a short part of the keys, now and then one that is open, empty or the wrong way round.
  void erase_range() {
    const std::string from = dice_.one_in(2) ? keys_.guess() : known_key();
    std::string to = keys_.guess();
    if (const auto begin = model_.lower_bound(from); begin != model_.end() && !dice_.one_in(4)) {
      const auto left = static_cast<std::uint64_t>(std::distance(begin, model_.end()));
      const auto steps = dice_.mostly_small(left);
      to = std::next(begin, static_cast<std::ptrdiff_t>(steps - (steps == left ? 1 : 0)))->first;
    }
    const bool is_from_first = dice_.one_in(12);
    const bool is_to_last = dice_.one_in(12);
    const auto first = is_from_first ? model_.begin() : model_.lower_bound(from);
    const auto end = is_to_last ? model_.end() : model_.lower_bound(to);
    const bool is_empty = !is_from_first && !is_to_last && from >= to;
    const std::uint64_t expected =
        is_empty ? 0 : static_cast<std::uint64_t>(std::distance(first, end));
    KeySpan span;
    if (!is_from_first) span.lower = as_bytes(from);
    if (!is_to_last) span.upper = as_bytes(to);
    REQUIRE(world_.erase_range(span) == expected);
    if (!is_empty) model_.erase(first, end);
    if (expected > 0) audit(world_, model_);
  }

  void end_transaction() {
    switch (dice_.below(20)) {
      case 0: world_.clear(); return model_.clear();
      case 1:
      case 2:
        world_.abandon();
        model_ = committed_;
        return;
      case 3:
      case 4: return world_.write_early();
      default: world_.commit(); committed_ = model_;
    }
  }

  /// Law: when the last entry goes, so does the last page.
  void drain() {
    while (!model_.empty()) {
      const std::string key = dice_.one_in(2) ? model_.begin()->first : known_key();
      REQUIRE(world_.erase(key).found == model_.contains(key));
      model_.erase(key);
      if (dice_.one_in(20)) audit(world_, model_);
    }
    audit(world_, model_);
  }

  Course course_;
  Dice dice_;
  KeySource keys_;
  ValueSource values_;
  TreeWorld world_;
  TreeModel model_;
  TreeModel committed_;
  std::string room_;
};

void run(const Course& course) {
  CAPTURE(course.seed);
  CAPTURE(static_cast<int>(course.shape));
  CAPTURE(static_cast<int>(course.sizes));
  CAPTURE(course.page_size);
  CAPTURE(course.alignment_log2);
  TreeRun(course).run();
}

/// Law: a tree is a sorted map, whatever its keys and values are.
TEST_CASE("a tree answers like a sorted map") {
  for (std::uint64_t round = 0; round < scaled(3); ++round) {
    std::uint64_t seed = 1000 * round;
    for (const KeyShape shape : key_shapes) {
      for (const ValueSizes sizes : value_sizes) {
        const auto alignment_log2 = static_cast<std::uint32_t>(++seed % 7);
        run({seed, shape, sizes, layout::min_page_size, alignment_log2, 3000});
      }
    }
  }
}

TEST_CASE("a tree of any page size and alignment answers like a sorted map") {
  std::uint64_t seed = 100'000;
  for (const std::uint32_t page_size : page_sizes) {
    for (std::uint32_t alignment_log2 = 0; alignment_log2 < 7; ++alignment_log2) {
      for (std::uint64_t round = 0; round < scaled(2); ++round) {
        ++seed;
        run({seed, key_shapes[seed % key_shapes.size()], value_sizes[seed % value_sizes.size()],
             page_size, alignment_log2, 2500});
      }
    }
  }
}

}  // namespace
}  // namespace quire::test
