// Splits and merges of branches.
#include "quire/engine/page/branch_sequence.hpp"

#include <doctest/doctest.h>

#include "branch_model.hpp"
#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/verify.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::array<Fill, 3> fills = {Fill::even, Fill::left_full, Fill::right_full};
constexpr Level level = 3;

/// Random full branches and edits for them.
class BranchMaker {
 public:
  BranchMaker(std::uint64_t seed, KeyFamily family, std::uint32_t page_size)
      : random_(seed), keys_(random_, family, page_size), page_size_(page_size) {}

  /// Adds separators until one does not fit, or so many were tried.
  PageBuffer fill(BranchModel& model, std::uint32_t capacity = 100'000) {
    PageBuffer page(page_size_);
    BranchEditor editor(page.bytes());
    model.children = {random_child(random_)};
    BranchEditor::format(page.bytes(), level, model.children[0]);
    for (std::uint32_t attempt = 0; attempt < capacity; ++attempt) {
      const std::string key = keys_.next();
      if (std::ranges::binary_search(model.separators, key)) continue;
      const Child right = random_child(random_);
      if (!editor.insert(model.child_index(key), as_bytes(key), right)) break;
      model.insert(key, right);
    }
    return page;
  }

  std::string odd_key() {
    if (random_.one_in(2)) return keys_.next();
    return KeySource(random_, key_families[random_.below(key_families.size())], page_size_).next();
  }

  Random& random() { return random_; }
  KeySource& keys() { return keys_; }
  [[nodiscard]] std::uint32_t page_size() const { return page_size_; }

 private:
  Random random_;
  KeySource keys_;
  std::uint32_t page_size_;
};

/// Law: a sequence reads like the list of what its branches and its edit hold.
void check_reads(const BranchSequence& content, const BranchModel& model) {
  REQUIRE(content.count() == model.count());
  KeyBuffer buffer;
  for (std::uint32_t i = 0; i <= model.count(); ++i) {
    REQUIRE((content.child(i) == model.children[i]));
    if (i == model.count()) break;
    REQUIRE(as_text(content.separator(i, buffer)) == model.separators[i]);
  }
}

/// Law: a page is built of exactly the size that was foretold, and holds exactly those separators.
void build_and_check(const BranchSequence& content, std::uint32_t first, std::uint32_t last,
                     const BranchModel& model, BranchMaker& maker) {
  PageBuffer target(maker.page_size());
  content.build(first, last, target.bytes(), level);
  REQUIRE(!check_structure(target.bytes()));
  const BranchEditor editor(target.bytes());
  REQUIRE(editor.used_size() == content.size_of(first, last));
  REQUIRE(editor.view().level() == level);
  check_branch_is(target, model.part(first, last), maker.keys());
}

bool is_split(const BranchSequence& content, std::uint32_t index) {
  return content.fits(0, index) && content.fits(index + 1, content.count());
}

void check_split_at(const BranchSequence& content, std::uint32_t split, const BranchModel& model,
                    BranchMaker& maker) {
  REQUIRE(split < content.count());
  build_and_check(content, 0, split, model, maker);
  build_and_check(content, split + 1, content.count(), model, maker);
  if (split > 0 && split + 1 < content.count()) return;
  for (std::uint32_t inner = 1; inner + 1 < content.count(); ++inner) {
    REQUIRE_FALSE(is_split(content, inner));
  }
}

/// Law: whatever one legal edit does to a branch, the result can be split, and no side is without
/// separators where that can be had.
void check_split(BranchMaker& maker) {
  BranchModel model;
  const PageBuffer page = maker.fill(model);
  BranchSequence content(BranchView(page.bytes().data(), page.size()));
  const std::string key = maker.odd_key();
  if (std::ranges::binary_search(model.separators, key)) return;
  const std::uint32_t index = model.child_index(key);
  if (maker.random().one_in(3) && index < model.count()) {
    content.with_separator(index, as_bytes(key));
    model.separators[index] = key;
  } else {
    const Child right = random_child(maker.random());
    content.with_insert(index, as_bytes(key), right);
    model.insert(key, right);
  }
  check_reads(content, model);
  for (const Fill fill : fills) {
    CAPTURE(static_cast<int>(fill));
    const std::optional<std::uint32_t> split = content.split_point(fill);
    REQUIRE(split);
    check_split_at(content, *split, model, maker);
  }
}

TEST_CASE("a branch with one edit more can be split") {
  for (const KeyFamily family : key_families) {
    for (std::uint64_t seed = 0; seed < scaled(60); ++seed) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(family));
      BranchMaker maker(seed, family, layout::min_page_size);
      check_split(maker);
    }
  }
}

TEST_CASE("a branch of any page size can be split") {
  for (const std::uint32_t page_size : page_sizes) {
    for (const KeyFamily family : key_families) {
      for (std::uint64_t seed = 100; seed < 100 + scaled(3); ++seed) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(family));
        CAPTURE(page_size);
        BranchMaker maker(seed, family, page_size);
        check_split(maker);
      }
    }
  }
}

TEST_CASE("a branch without separators cannot be split") {
  PageBuffer page(layout::min_page_size);
  BranchEditor::format(page.bytes(), level, {PageNo{4}, 1});
  CHECK_FALSE(BranchSequence(BranchEditor(page.bytes()).view()).split_point(Fill::even));
}

/// Of one random branch, the part left of one separator and the part right of it.
void check_merge(BranchMaker& maker) {
  BranchModel model;
  const PageBuffer whole = maker.fill(model, 1 + maker.random().below(300));
  if (model.count() == 0) return;
  const BranchSequence source(BranchView(whole.bytes().data(), whole.size()));
  const std::uint32_t middle = maker.random().below(model.count());
  const std::string between = model.separators[middle];
  PageBuffer left(whole.size());
  PageBuffer right(whole.size());
  source.build(0, middle, left.bytes(), level);
  source.build(middle + 1, model.count(), right.bytes(), level);
  BranchSequence content(BranchView(left.bytes().data(), left.size()), as_bytes(between),
                         BranchView(right.bytes().data(), right.size()));
  check_reads(content, model);
  const std::string key = maker.odd_key();
  if (maker.random().one_in(2) && !std::ranges::binary_search(model.separators, key)) {
    const Child child = random_child(maker.random());
    content.with_insert(model.child_index(key), as_bytes(key), child);
    model.insert(key, child);
    check_reads(content, model);
  }
  if (content.fits(0, content.count())) build_and_check(content, 0, content.count(), model, maker);
  for (const Fill fill : fills) {
    const std::optional<std::uint32_t> split = content.split_point(fill);
    if (!split) continue;
    build_and_check(content, 0, *split, model, maker);
    build_and_check(content, *split + 1, content.count(), model, maker);
  }
}

TEST_CASE("two neighbouring branches are merged or share their children anew") {
  for (const KeyFamily family : key_families) {
    for (std::uint64_t seed = 0; seed < scaled(100); ++seed) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(family));
      BranchMaker maker(seed, family, layout::min_page_size);
      check_merge(maker);
    }
  }
}

}  // namespace
}  // namespace quire::test
