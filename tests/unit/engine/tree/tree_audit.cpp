#include "tree_audit.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <optional>

#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/page/verify.hpp"
#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/tree/lookup.hpp"

namespace quire::test {
namespace {

using Entry = TreeModel::const_iterator;

/// Where the keys of a subtree lie: not below the one, below the other.
struct Bounds {
  std::optional<std::string> low;
  std::optional<std::string> high;
};

class Auditor {
 public:
  Auditor(const TreeWorld& world, const TreeModel& model)
      : world_(world), model_(model), next_(model.begin()) {}

  TreeCensus run() {
    const TreeRoot& root = world_.root();
    if (!root.page.is_none())
      visit(root.page, {root.table, root.level, world_.pages().newest()}, {}, true);
    REQUIRE(next_ == model_.end());
    REQUIRE(root.entries == model_.size());
    REQUIRE(root.page.is_none() == model_.empty());
    REQUIRE(census_.dirty_pages == world_.arena().live());
    const Space& space = world_.space();
    std::uint64_t pages = census_.clean_pages + space.free().page_count();
    pages += space.pending().page_count();
    for (const DeadExtent& dead : space.released()) pages += dead.extent.count;
    REQUIRE(pages + layout::first_page(world_.page_size()) == space.page_count().value);
    return census_;
  }

 private:
  std::uint64_t visit(PageRef ref, const Expected& expected, const Bounds& bounds,
                      bool may_be_dirty) {
    const Result<PageView> page = world_.pages().page(ref, expected);
    if (!ref.is_in_arena()) {
      REQUIRE_MESSAGE(page.has_value(), page.error().message());
    } else {
      REQUIRE(may_be_dirty);
      REQUIRE(page->table() == expected.table);
      REQUIRE(page->level() == expected.level);
    }
    const auto defect = check_body({page->bytes(), world_.page_size()});
    REQUIRE_MESSAGE(!defect, name(*defect));
    ++(ref.is_in_arena() ? census_.dirty_pages : census_.clean_pages);
    if (page->is_leaf()) return visit_leaf(LeafView(*page), bounds);
    return visit_branch(BranchView(*page), expected, bounds, ref.is_in_arena());
  }

  std::uint64_t visit_branch(const BranchView& branch, const Expected& expected,
                             const Bounds& bounds, bool is_dirty) {
    const Expected below{expected.table, static_cast<Level>(expected.level - 1),
                         is_dirty ? expected.newest : TxnId{branch.header().born}};
    std::uint64_t entries = 0;
    KeyBuffer buffer;
    Bounds between{bounds.low, {}};
    for (std::uint32_t child = 0; child <= branch.count(); ++child) {
      between.high = bounds.high;
      if (child < branch.count()) between.high = as_text(branch.separator(child, buffer));
      const std::uint64_t counted = visit(branch.child(child), below, between, is_dirty);
      REQUIRE(counted == branch.entries(child));
      entries += counted;
      between.low = between.high;
    }
    return entries;
  }

  std::uint64_t visit_leaf(const LeafView& leaf, const Bounds& bounds) {
    REQUIRE(leaf.count() > 0);
    REQUIRE(leaf.alignment() == world_.root().alignment());
    ++census_.leaves;
    if (leaf.is_rows()) ++census_.rows;
    KeyBuffer buffer;
    for (std::uint32_t index = 0; index < leaf.count(); ++index, ++next_) {
      REQUIRE(next_ != model_.end());
      const std::string_view key = as_text(leaf.key(index, buffer));
      REQUIRE((key == next_->first && (!bounds.low || key >= *bounds.low) &&
               (!bounds.high || key < *bounds.high)));
      check_value(leaf.value(index));
    }
    census_.entries += leaf.count();
    return leaf.count();
  }

  void check_value(LeafValue value) {
    if (value.is_overflow) {
      const Result<Bytes> run = world_.pages().overflow_value(value.bytes, world_.root().table);
      REQUIRE_MESSAGE(run.has_value(), run.error().message());
      ++census_.runs;
      census_.clean_pages += overflow_page_count(run->size(), world_.page_size());
      value.bytes = *run;
    }
    REQUIRE(is_made_of(value.bytes, next_->second));
    const auto address = std::bit_cast<std::uintptr_t>(value.bytes.data());
    REQUIRE((value.bytes.empty() || address % world_.root().alignment() == 0));
  }

  const TreeWorld& world_;
  const TreeModel& model_;
  Entry next_;
  TreeCensus census_;
};

void check_is_at(Cursor& cursor, Entry entry) {
  REQUIRE(cursor.is_at_entry());
  REQUIRE((as_text(cursor.key()) == entry->first && is_made_of(*cursor.value(), entry->second)));
}

void check_walks(const TreeWorld& world, const TreeModel& model) {
  Cursor cursor(world.pages(), world.root());
  bool is_there = cursor.seek_first().value();
  for (Entry entry = model.begin(); entry != model.end(); ++entry) {
    REQUIRE(is_there);
    check_is_at(cursor, entry);
    is_there = cursor.next().value();
  }
  REQUIRE_FALSE(is_there);
  REQUIRE_FALSE(cursor.is_at_entry());
  is_there = cursor.seek_last().value();
  for (auto entry = model.rbegin(); entry != model.rend(); ++entry) {
    REQUIRE(is_there);
    check_is_at(cursor, std::prev(entry.base()));
    is_there = cursor.previous().value();
  }
  REQUIRE_FALSE(is_there);
  REQUIRE_FALSE(cursor.is_at_entry());
}

/// A few steps either way from where the cursor is; the model's entry is the same.
void check_steps(Cursor& cursor, const TreeModel& model, Entry entry, Dice& dice) {
  for (std::uint64_t step = dice.below(6); step > 0; --step) {
    check_is_at(cursor, entry);
    if (dice.one_in(2)) {
      REQUIRE(cursor.next().value() == (++entry != model.end()));
      if (entry == model.end()) return;
    } else {
      const bool is_first = entry == model.begin();
      REQUIRE(cursor.previous().value() != is_first);
      if (is_first) return;
      --entry;
    }
  }
}

}  // namespace

TreeCensus audit(const TreeWorld& world, const TreeModel& model) {
  return Auditor(world, model).run();
}

void check_reading(const TreeWorld& world, const TreeModel& model, Dice& dice, KeySource& keys) {
  check_walks(world, model);
  Cursor cursor(world.pages(), world.root());
  for (int probe = 0; probe < 40; ++probe) {
    std::string key = keys.guess();
    if (probe == 0) key.clear();
    const auto found = model.find(key);
    const std::optional<Value> value = lookup(world.pages(), world.root(), as_bytes(key)).value();
    REQUIRE(value.has_value() == (found != model.end()));
    if (value) REQUIRE(is_made_of(*value, found->second));

    const Entry lower = model.lower_bound(key);
    REQUIRE(cursor.seek(as_bytes(key)).value() == (lower != model.end()));
    REQUIRE(cursor.is_at_entry() == (lower != model.end()));
    if (lower != model.end()) check_steps(cursor, model, lower, dice);

    const Entry upper = model.upper_bound(key);
    const bool is_any_before = upper != model.begin();
    REQUIRE(cursor.seek_at_or_before(as_bytes(key)).value() == is_any_before);
    REQUIRE(cursor.is_at_entry() == is_any_before);
    if (is_any_before) check_steps(cursor, model, std::prev(upper), dice);
  }
}

}  // namespace quire::test
