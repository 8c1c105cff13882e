// How well trees fill their pages.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "tree_audit.hpp"
#include "tree_world.hpp"

namespace quire::test {
namespace {

/// The pages of one level, from left to right, and the separators between them.
struct LevelOfTree {
  std::vector<PageView> pages;
  std::vector<std::string> separators;
};

LevelOfTree level_of(const TreeWorld& world, Level level) {
  const TreeRoot& root = world.root();
  if (level == root.level) {
    const Expected expected{root.table, level, world.pages().newest()};
    return {{world.pages().page(root.page, expected).value()}, {}};
  }
  const LevelOfTree above = level_of(world, static_cast<Level>(level + 1));
  const Expected expected{root.table, level, world.pages().newest()};
  LevelOfTree found;
  KeyBuffer buffer;
  for (std::size_t page = 0; page < above.pages.size(); ++page) {
    const BranchView branch(above.pages[page]);
    for (std::uint32_t child = 0; child <= branch.count(); ++child) {
      found.pages.push_back(world.pages().page(branch.child(child), expected).value());
      if (child < branch.count())
        found.separators.emplace_back(as_text(branch.separator(child, buffer)));
    }
    if (page < above.separators.size()) found.separators.push_back(above.separators[page]);
  }
  return found;
}

struct Filled {
  TreeWorld world;
  TreeModel model;
};

void fill(Filled& tree, KeyShape shape, ValueSizes sizes, std::uint64_t seed, std::uint64_t count,
          std::uint64_t commits_one_in) {
  Dice dice(seed);
  KeySource keys(dice, shape, layout::max_key_size(tree.world.page_size()));
  ValueSource values(dice, sizes, layout::max_inline_size(tree.world.page_size()));
  std::string room;
  while (tree.model.size() < count) {
    const std::string key = keys.next();
    const Recipe recipe = values.next(key.size());
    tree.world.put(as_bytes(key), cook(recipe, room), PutMode::upsert);
    tree.model[key] = recipe;
    if (dice.one_in(commits_one_in)) tree.world.commit();
  }
  audit(tree.world, tree.model);
}

/// Whether the leaf could have taken the nearest entry of its neighbour as well.
bool has_room_for(const PageView& page, const PageView& neighbour, KeyShape shape) {
  const LeafView leaf(page);
  const LeafView other(neighbour);
  const std::uint32_t nearest = shape == KeyShape::rising ? 0 : other.count() - 1;
  KeyBuffer buffer;
  const Bytes key = other.key(nearest, buffer);
  LeafSequence content(leaf);
  content.with_insert(shape == KeyShape::rising ? leaf.count() : 0, key, other.value(nearest));
  return content.fits(0, content.count());
}

/// Law: keys in order leave no leaf that could have taken one entry more, but for the one where
/// they arrive.
void check_brim(const TreeWorld& world, KeyShape shape) {
  std::vector<PageView> leaves = level_of(world, 0).pages;
  if (shape == KeyShape::falling) std::reverse(leaves.begin(), leaves.end());
  REQUIRE(leaves.size() > 3);
  for (std::size_t leaf = 0; leaf + 1 < leaves.size(); ++leaf) {
    CAPTURE(leaf);
    REQUIRE_FALSE(has_room_for(leaves[leaf], leaves[leaf + 1], shape));
  }
}

/// Law: nor a branch that could have taken two separators more of its neighbour. (One of the
/// neighbour's was left to it so that it has any.)
void check_branches_brim(const TreeWorld& world, Level level, KeyShape shape) {
  const LevelOfTree branches = level_of(world, level);
  for (std::size_t i = 0; i + 1 < branches.pages.size(); ++i) {
    const BranchView left(branches.pages[i]);
    const BranchView right(branches.pages[i + 1]);
    const BranchSequence both(left, as_bytes(branches.separators[i]), right);
    if (shape == KeyShape::rising) {
      REQUIRE_FALSE(both.fits(0, left.count() + 2));
    } else {
      REQUIRE_FALSE(both.fits(left.count() - 1, both.count()));
    }
  }
}

TEST_CASE("keys that arrive in order fill leaves to the brim") {
  for (const KeyShape shape : {KeyShape::rising, KeyShape::falling}) {
    for (const ValueSizes sizes : {ValueSizes::none, ValueSizes::equal, ValueSizes::small}) {
      for (const std::uint64_t commits_one_in : {7U, 1000U, 1'000'000U}) {
        CAPTURE(static_cast<int>(shape));
        CAPTURE(static_cast<int>(sizes));
        CAPTURE(commits_one_in);
        Filled tree{TreeWorld(layout::min_page_size, 3), {}};
        fill(tree, shape, sizes, 11, 3000, commits_one_in);
        check_brim(tree.world, shape);
      }
    }
  }
}

/// A number's ternary digits with many bytes between them: branches far up have long separators,
/// too, so that a tree of few entries is a high one.
std::string long_key(std::uint32_t number) {
  std::string key;
  for (std::uint32_t place = 19'683; place > 0; place /= 3)
    key += static_cast<char>('0' + number / place % 3) + std::string(95, '-');
  return key;
}

TEST_CASE("keys that arrive in order fill branches to the brim") {
  constexpr std::uint32_t count = 50'000;
  for (const KeyShape shape : {KeyShape::rising, KeyShape::falling}) {
    CAPTURE(static_cast<int>(shape));
    TreeWorld world(layout::min_page_size, 0);
    TreeModel model;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string key = long_key(shape == KeyShape::rising ? i : count - i);
      model[key] = {};
      world.put(as_bytes(key), {}, PutMode::insert_only);
    }
    audit(world, model);
    REQUIRE(world.root().level >= 4);
    check_brim(world, shape);
    for (Level level = 1; level < world.root().level; ++level) {
      CAPTURE(static_cast<int>(level));
      check_branches_brim(world, level, shape);
    }
  }
}

/// Law: random keys leave pages two thirds full on average, and more where leaves share.
TEST_CASE("random keys fill pages to two thirds") {
  for (const std::uint64_t commits_one_in : {50U, 1'000'000U}) {
    Filled tree{TreeWorld(layout::min_page_size, 0), {}};
    fill(tree, KeyShape::numbers, ValueSizes::small, 3, 10'000, commits_one_in);
    std::uint64_t used = 0;
    const std::vector<PageView> leaves = level_of(tree.world, 0).pages;
    for (const PageView& leaf : leaves) used += LeafView(leaf).used_size();
    const std::uint64_t offered = leaves.size() * body_size(layout::min_page_size);
    CHECK(used * 100 >= offered * 64);
  }
}

}  // namespace
}  // namespace quire::test
