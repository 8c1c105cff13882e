// Cursors of a transaction that edit where they stand, and entries that go by a predicate.
#include <doctest/doctest.h>

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/places.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

TEST_CASE_TEMPLATE_DEFINE("the entries that a predicate names go, of all or of a part", Place,
                          erasing_by_predicate) {
  const Place place;
  auto storage = place.open();
  Model model = numbered(5000);
  auto table = filled(storage, model);
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  const auto check = [&](std::uint64_t from, std::uint64_t to, const auto& is_chosen) {
    std::vector<std::uint64_t> asked;
    const auto ask = [&](std::uint64_t key, std::string_view value) {
      asked.push_back(key);
      return is_chosen(key) && value == model.at(key);
    };
    const auto erased = from == to ? editor.erase_if(ask) : editor.erase_if(from, to, ask);
    std::vector<std::uint64_t> keys;
    for (const auto& [key, value] : model)
      if (from == to || (key >= from && key < to)) keys.push_back(key);
    REQUIRE(asked == keys);
    REQUIRE(erased.value() == std::erase_if(keys, is_chosen));
    std::erase_if(model, [&](const auto& entry) {
      return (from == to || (entry.first >= from && entry.first < to)) && is_chosen(entry.first);
    });
    REQUIRE(content(editor) == model);
    REQUIRE(editor.size().value() == model.size());
  };
  const auto every = [](std::uint64_t number) {
    return [number](std::uint64_t key) { return key / 3 % number == 0; };
  };
  check(0, 0, [](std::uint64_t) { return false; });
  check(0, 0, every(3));
  check(7000, 9000, [](std::uint64_t) { return true; });
  check(1, 14000, [](std::uint64_t key) { return key / 100 % 3 == 0; });
  check(9000, 9001, every(1));
  check(0, 0, [](std::uint64_t key) { return key != 5; });
  check(0, 0, every(1));
  std::move(txn).commit().value();
  table.put(1, "one").value();
  REQUIRE(table.erase_if([](std::uint64_t, std::string_view) { return true; }).value() == 1);
}
TEST_CASE_TEMPLATE_APPLY(erasing_by_predicate, Places);

TEST_CASE_TEMPLATE_DEFINE("a predicate must not edit", Place, editing_predicates) {
  const Place place;
  auto storage = place.open();
  auto table = filled(storage, numbered(10));
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  const auto put = [&](std::uint64_t key, std::string_view) {
    editor.put(key, "another").value();
    return true;
  };
  REQUIRE(code_of(editor.erase_if(put)) == ErrorCode::invalid_argument);
  REQUIRE(editor.size().value() == 10);
}
TEST_CASE_TEMPLATE_APPLY(editing_predicates, Places);

/// Where a cursor of a model stands: at a key, which need not be there, or at an end.
struct ModelCursor {
  enum class Standing { before, at_key, behind };
  Standing standing = Standing::before;
  std::uint64_t key = 0;

  bool go(const Model& model, Model::const_iterator to, Standing end) {
    standing = to == model.end() ? end : Standing::at_key;
    if (to != model.end()) key = to->first;
    return to != model.end();
  }
  bool go_forward(const Model& model, Model::const_iterator to) {
    return go(model, to, Standing::behind);
  }
  /// To the entry before that one.
  bool go_back(const Model& model, Model::const_iterator from) {
    return go(model, from == model.begin() ? model.end() : std::prev(from), Standing::before);
  }
  bool next(const Model& model) {
    if (standing == Standing::behind) return false;
    return go_forward(model, standing == Standing::before ? model.begin() : model.upper_bound(key));
  }
  bool previous(const Model& model) {
    if (standing == Standing::before) return false;
    return go_back(model, standing == Standing::behind ? model.end() : model.lower_bound(key));
  }
};

/// A cursor and what it is to be like, tried together.
template <class Editor>
class CursorPair {
 public:
  CursorPair(const Editor& editor, std::uint64_t keys) : cursor_(editor.cursor()), keys_(keys) {}

  void move(const Model& model, std::mt19937_64& random) {
    const std::uint64_t key = random() % keys_;
    switch (random() % 7) {
      case 0: return expect(cursor_.seek_first(), like_.go_forward(model, model.begin()));
      case 1: return expect(cursor_.seek_last(), like_.go_back(model, model.end()));
      case 2: return expect(cursor_.seek(key), like_.go_forward(model, model.lower_bound(key)));
      case 3:
      case 4: return expect(cursor_.previous(), like_.previous(model));
      default: return expect(cursor_.next(), like_.next(model));
    }
  }

  void edit(Model& model, std::mt19937_64& random) {
    if (!cursor_.is_at_key()) {
      REQUIRE(code_of(cursor_.put("nowhere")) == ErrorCode::invalid_argument);
      REQUIRE(code_of(cursor_.erase()) == ErrorCode::invalid_argument);
    } else if (random() % 2 == 0) {
      cursor_.put(model[like_.key] = std::to_string(random())).value();
    } else {
      model.erase(like_.key);
      expect(cursor_.erase(), like_.next(model));
    }
  }

  void check(const Model& model) {
    REQUIRE(cursor_.is_at_key() == (like_.standing == ModelCursor::Standing::at_key));
    if (!cursor_.is_at_key()) {
      REQUIRE(code_of(cursor_.key()) == ErrorCode::invalid_argument);
      REQUIRE(code_of(cursor_.value()) == ErrorCode::invalid_argument);
      return;
    }
    REQUIRE(cursor_.key().value() == like_.key);
    const auto value = cursor_.value().value();
    const auto there = model.find(like_.key);
    REQUIRE(value.has_value() == (there != model.end()));
    if (value) REQUIRE(**value == there->second);
  }

 private:
  static void expect(const Result<bool>& moved, bool is_at_entry) {
    REQUIRE(moved.value() == is_at_entry);
  }

  decltype(std::declval<const Editor&>().cursor()) cursor_;
  ModelCursor like_;
  std::uint64_t keys_;
};

// Law: a cursor goes on from its key, whoever edits what around it.
TEST_CASE_TEMPLATE_DEFINE("cursors walk and edit like iterators of a map that keep their key",
                          Place, walking) {
  const Place place;
  for (std::uint64_t seed = 0; seed < scaled(8); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    auto storage = place.open("storage" + std::to_string(seed));
    const std::uint64_t keys = seed % 2 == 0 ? 100 : 3;  // with few of them all are gone at times
    Model model = numbered(random() % keys / 3);
    auto table = filled(storage, model);
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    std::vector<CursorPair<decltype(editor)>> cursors;
    for (int count = 0; count < 2; ++count) cursors.emplace_back(editor, keys);
    for (int step = 0; step < 600; ++step) {
      auto& cursor = cursors[random() % 2];
      const std::uint64_t key = random() % keys;
      switch (random() % 8) {
        case 0: editor.put(key, model[key] = std::to_string(step)).value(); break;
        case 1: REQUIRE(editor.erase(key).value() == (model.erase(key) == 1)); break;
        case 2: cursor.edit(model, random); break;
        default: cursor.move(model, random);
      }
      if (random() % 2 == 0) cursors[random() % 2].check(model);
    }
    REQUIRE(content(editor) == model);
    std::move(txn).commit().value();
    REQUIRE(content(table) == model);
    REQUIRE(code_of(editor.cursor().next()) == ErrorCode::closed);
  }
}
TEST_CASE_TEMPLATE_APPLY(walking, Places);

}  // namespace
}  // namespace quire::test
