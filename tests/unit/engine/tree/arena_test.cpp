#include "quire/engine/tree/arena.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "quire/engine/page/layout.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t page_size = 4096;

/// Pages by reference, with what was written into each.
using Filled = std::map<std::uint32_t, std::uint64_t>;

std::uint64_t first_word(const Arena& arena, std::uint32_t raw) {
  std::uint64_t word = 0;
  std::memcpy(&word, arena.bytes(PageRef::from_raw(raw)), sizeof(word));
  return word;
}

/// An arena beside what is known of it: own pages, those of the newest state and of pinned ones.
class Model {
 public:
  Model() { states_[{1}]; }

  void allocate(std::uint32_t count) {
    arena_.reserve(count);
    for (; count > 0; --count) {
      const std::uint32_t raw = arena_.allocate().raw();
      REQUIRE_FALSE(own_.contains(raw));
      for (const auto& [txn, pages] : states_) REQUIRE_FALSE(pages.contains(raw));
      REQUIRE_FALSE(is_marked(raw));
      const PageRef page = PageRef::from_raw(raw);
      overlay<layout::PageHeader>(arena_.bytes(page))->number = arena_.epoch();
      std::memcpy(arena_.bytes(page), &++drawn_, sizeof(drawn_));
      own_[raw] = drawn_;
      most_used_ = std::max(most_used_, raw);
    }
  }
  void release(std::uint32_t count) {
    arena_.reserve(count);
    for (; count > 0 && !own_.empty(); --count) {
      const std::uint32_t raw = own_.begin()->first;
      own_.erase(own_.begin());
      drop(raw);
    }
  }
  void retire(std::size_t count) {
    arena_.reserve(static_cast<std::uint32_t>(count));
    for (const auto& [raw, word] : newest()) {
      if (count == 0) break;
      if (!retired_.insert(raw).second) continue;
      arena_.retire(PageRef::from_raw(raw), born_.at(raw));
      --count;
    }
  }
  void mark() {
    if (marks_.size() < 5) marks_.push_back({arena_.mark(), own_, retired_});
  }
  void go_back() {
    if (marks_.empty()) return;
    arena_.go_back(marks_.back().mark);
    own_ = marks_.back().own;
    retired_ = marks_.back().retired;
  }
  void take_away() {
    if (marks_.empty()) return;
    arena_.take_away(marks_.back().mark);
    marks_.pop_back();
  }
  void take_all_away() {
    while (!marks_.empty()) take_away();
  }

  /// As when the memory budget is used up.
  void write_early() {
    take_all_away();
    retire(newest().size());
    arena_.release_own();
    own_.clear();
  }

  void keep() {
    take_all_away();
    Filled pages = newest();
    for (const std::uint32_t raw : retired_) pages.erase(raw);
    for (const auto& [raw, word] : own_) {
      pages[raw] = word;
      born_[raw] = next_txn();
    }
    arena_.keep(next_txn());
    end(std::move(pages));
  }
  void forget() {
    take_all_away();
    retire(newest().size());
    arena_.forget(next_txn());
    end({});
  }
  void rollback() {
    take_all_away();
    arena_.rollback();
    own_.clear();
    retired_.clear();
  }

  void pin() { pins_.insert(states_.rbegin()->first); }
  void unpin(std::mt19937& random) {
    if (pins_.empty()) return;
    const auto any = std::next(pins_.begin(), static_cast<std::ptrdiff_t>(random() % pins_.size()));
    pins_.erase(any);
  }
  void reclaim(bool poisons) {
    const TxnId shown = states_.rbegin()->first;
    std::erase_if(states_, [&](const auto& state) {
      return state.first != shown && !pins_.contains(state.first);
    });
    std::vector<TxnId> pins;
    for (const auto& [txn, pages] : states_) pins.push_back(txn);
    arena_.reclaim(pins, poisons);
  }

  /// What is in use is as it was written, and counted.
  void check() const {
    std::set<std::uint32_t> used;
    for (const auto& [raw, word] : own_) {
      REQUIRE(first_word(arena_, raw) == word);
      used.insert(raw);
    }
    for (const auto& [txn, pages] : states_) {
      for (const auto& [raw, word] : pages) {
        REQUIRE(first_word(arena_, raw) == word);
        used.insert(raw);
      }
    }
    Filled kept;
    for (const Marked& marked : marks_) {
      for (const auto& [raw, word] : marked.own) {
        REQUIRE(first_word(arena_, raw) == word);
        if (!own_.contains(raw)) kept[raw] = word;
      }
    }
    REQUIRE(arena_.own() == own_.size() + kept.size());
    REQUIRE(arena_.live() == own_.size() + newest().size() - retired_.size());
    REQUIRE(arena_.used_size() >= used.size() * page_size);
  }
  /// The same after reclaim(): nothing else is in use.
  void check_exactly() const {
    std::set<std::uint32_t> used;
    for (const auto& [raw, word] : own_) used.insert(raw);
    for (const Marked& marked : marks_)
      for (const auto& [raw, word] : marked.own) used.insert(raw);
    for (const auto& [txn, pages] : states_)
      for (const auto& [raw, word] : pages) used.insert(raw);
    REQUIRE(arena_.used_size() == used.size() * page_size);
  }
  [[nodiscard]] const Arena& arena() const { return arena_; }
  [[nodiscard]] std::uint32_t most_used() const {
    return PageRef::from_raw(most_used_).arena_index();
  }

 private:
  struct Marked {
    Arena::Mark mark;
    Filled own;
    std::set<std::uint32_t> retired;
  };

  [[nodiscard]] bool is_marked(std::uint32_t raw) const {
    return std::ranges::any_of(marks_,
                               [&](const Marked& marked) { return marked.own.contains(raw); });
  }
  /// As an editor drops a page.
  void drop(std::uint32_t raw) {
    const PageRef page = PageRef::from_raw(raw);
    is_marked(raw) ? arena_.keep_back(page) : arena_.release(page);
  }
  [[nodiscard]] const Filled& newest() const { return states_.rbegin()->second; }
  [[nodiscard]] TxnId next_txn() const { return states_.rbegin()->first.next(); }
  void end(Filled pages) {
    states_[next_txn()] = std::move(pages);
    own_.clear();
    retired_.clear();
  }

  Arena arena_{page_size};
  Filled own_;
  std::set<std::uint32_t> retired_;
  std::vector<Marked> marks_;
  std::map<TxnId, Filled> states_;  ///< the newest, and those that reclaim() may find pinned
  std::map<std::uint32_t, TxnId> born_;
  std::multiset<TxnId> pins_;
  std::uint64_t drawn_ = 0;
  std::uint32_t most_used_ = PageRef::in_arena(0).raw();
};

// Law: no page is handed out while anything has it, whatever ends in whatever order; and each one
// that nothing has is free again.
TEST_CASE("pages of an arena stay as they are for as long as a state has them") {
  for (std::uint32_t seed = 0; seed < scaled(60); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Model model;
    for (int step = 0; step < 600; ++step) {
      switch (random() % 18) {
        case 0: model.keep(); break;
        case 1: model.rollback(); break;
        case 2:
          if (random() % 3 == 0) model.forget();
          break;
        case 3:
          if (random() % 3 == 0) model.write_early();
          break;
        case 4:
          model.reclaim(true);
          model.check_exactly();
          break;
        case 11:
        case 12: model.mark(); break;
        case 13: model.go_back(); break;
        case 14: model.take_away(); break;
        case 5: model.pin(); break;
        case 6:
        case 7: model.unpin(random); break;
        case 8: model.release(static_cast<std::uint32_t>(random() % 8)); break;
        case 9:
        case 10: model.retire(random() % 8); break;
        default: model.allocate(static_cast<std::uint32_t>(random() % 12));
      }
      model.check();
    }
  }
}

// Law: an arena grows with what is in use at once, not with what was ever used.
TEST_CASE("pages of an arena are used again") {
  Model model;
  for (int round = 0; round < 5000; ++round) {
    model.allocate(10);
    model.retire(round % 3 == 0 ? 30 : 5);
    if (round % 7 == 0) model.release(4);
    if (round % 11 == 0)
      model.rollback();
    else if (round % 100 == 0)
      model.forget();
    else
      model.keep();
    model.reclaim(false);
  }
  model.check();
  model.check_exactly();
  CHECK(model.most_used() < 100);
}

TEST_CASE("pages of an arena are used again that were made behind a mark") {
  Model model;
  model.allocate(20);
  model.mark();
  for (int round = 0; round < 5000; ++round) {
    if (round % 3 == 0) model.mark();
    model.allocate(10);
    model.release(15);
    if (round % 5 == 0) model.take_away();
    model.go_back();
    model.check();
  }
  model.check_exactly();
  CHECK(model.most_used() < 100);
}

TEST_CASE("a page that becomes free is overwritten when that is asked for") {
  for (const bool poisons : {false, true}) {
    Model model;
    model.allocate(1);
    const std::uint32_t raw = model.most_used();
    model.keep();
    const PageRef page = PageRef::in_arena(raw);
    const std::uint64_t before = first_word(model.arena(), page.raw());
    model.retire(1);
    model.pin();
    model.keep();
    model.reclaim(poisons);
    CHECK(first_word(model.arena(), page.raw()) == before);
    std::mt19937 random(1);
    model.unpin(random);
    model.reclaim(poisons);
    CHECK(first_word(model.arena(), page.raw()) == (poisons ? 0xDBDBDBDBDBDBDBDB : before));
  }
}

}  // namespace
}  // namespace quire::test
