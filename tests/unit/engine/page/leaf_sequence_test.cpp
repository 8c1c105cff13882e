// Splits, merges and redistributions of leaves.
#include "quire/engine/page/leaf_sequence.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "leaf_model.hpp"
#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/page/verify.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::array<Fill, 3> fills = {Fill::even, Fill::left_full, Fill::right_full};

/// Entries [first, last) of the model.
LeafModel part(const LeafModel& model, std::uint32_t first, std::uint32_t last) {
  return {std::next(model.begin(), first), std::next(model.begin(), last)};
}

/// Law: a page is built of exactly the size that was foretold, and holds exactly those entries.
PageBuffer build_and_check(const LeafSequence& content, std::uint32_t first, std::uint32_t last,
                           const LeafModel& model, std::uint32_t page_size) {
  PageBuffer target(page_size);
  content.build(first, last, target.bytes());
  REQUIRE(!check_structure(target.bytes()));
  REQUIRE(LeafEditor(target.bytes()).used_size() == content.size_of(first, last));
  check_leaf_is(target, part(model, first, last));
  return target;
}

/// Law: a sequence reads like the sorted map of what its leaves and its edit hold.
void check_reads(const LeafSequence& content, const LeafModel& model) {
  REQUIRE(content.count() == model.size());
  KeyBuffer buffer;
  std::uint32_t index = 0;
  for (const auto& [key, stored] : model) {
    REQUIRE(as_text(content.key(index, buffer)) == key);
    REQUIRE(same(content.value(index), stored));
    ++index;
  }
}

struct Edit {
  bool is_insert;
  std::uint32_t index;
  std::string key;
  Stored stored;

  [[nodiscard]] LeafSequence& apply(LeafSequence& content) const {
    return is_insert ? content.with_insert(index, as_bytes(key), stored.value())
                     : content.with_replace(index, stored.value());
  }
};

/// Random full leaves and edits for them.
class LeafMaker {
 public:
  LeafMaker(std::uint64_t seed, KeyFamily family, std::uint32_t page_size, std::uint32_t alignment)
      : random_(seed),
        keys_(random_, family, page_size),
        values_(random_, page_size),
        page_size_(page_size),
        alignment_(alignment) {}

  /// Adds entries until one does not fit, or half of that.
  PageBuffer fill(LeafModel& model, std::uint32_t capacity = 100'000) {
    PageBuffer page(page_size_);
    LeafEditor editor(page.bytes());
    LeafEditor::format(page.bytes(), alignment_);
    for (std::uint32_t attempt = 0; attempt < capacity; ++attempt) {
      const std::string key = keys_.next();
      if (model.contains(key)) continue;
      const Stored stored = values_.next(key.size());
      if (!editor.insert(model_index(model, key), as_bytes(key), stored.value())) break;
      model[key] = stored;
    }
    return page;
  }

  Edit edit(const LeafModel& model) {
    const std::string key = random_.one_in(4) ? odd_key() : keys_.next();
    const bool is_there = model.contains(key);
    if (is_there || (random_.one_in(3) && !model.empty())) {
      const std::uint32_t index = is_there ? model_index(model, key) : random_.below(model.size());
      const std::string& old_key = std::next(model.begin(), index)->first;
      return {false, index, old_key, large_value(old_key.size())};
    }
    return {true, model_index(model, key), key, large_value(key.size())};
  }

  Random& random() { return random_; }

 private:
  std::string odd_key() {
    return KeySource(random_, key_families[random_.below(key_families.size())], page_size_).next();
  }
  Stored large_value(std::size_t key_size) {
    const std::size_t room = layout::max_inline_size(page_size_) - key_size;
    if (random_.one_in(2)) return values_.next(key_size);
    return {random_.bytes(random_.one_in(3) ? room : random_.below(room + 1))};
  }

  Random random_;
  KeySource keys_;
  ValueSource values_;
  std::uint32_t page_size_;
  std::uint32_t alignment_;
};

bool is_cut(const LeafSequence& content, std::uint32_t index) {
  return content.fits(0, index) && content.fits(index, content.count());
}

/// Law: after the leaf was cut at the entry's index, the side that takes the entry can be cut.
void check_cut_in_two_steps(const LeafView& leaf, const Edit& edit, std::uint32_t page_size) {
  REQUIRE(leaf.is_rows());
  REQUIRE((edit.index > 0 && edit.index < leaf.count()));
  const LeafSequence whole(leaf);
  REQUIRE(is_cut(whole, edit.index));
  PageBuffer right(page_size);
  whole.build(edit.index, whole.count(), right.bytes());
  Edit moved = edit;
  moved.index = 0;
  LeafSequence content(LeafView(right.bytes().data(), page_size));
  std::ignore = moved.apply(content);
  for (const Fill fill : fills) {
    REQUIRE((content.fits(0, content.count()) || content.split_point(fill)));
  }
}

/// Law: whatever one legal edit does to a leaf, the result can be cut into two that fit.
void check_split(LeafMaker& maker, std::uint32_t page_size) {
  LeafModel model;
  const PageBuffer page = maker.fill(model);
  const LeafView leaf(page.bytes().data(), page_size);
  const Edit edit = maker.edit(model);
  LeafSequence content(leaf);
  std::ignore = edit.apply(content);
  model[edit.key] = edit.stored;
  check_reads(content, model);
  if (model.size() < 2) return;
  for (const Fill fill : fills) {
    CAPTURE(static_cast<int>(fill));
    const std::optional<std::uint32_t> cut = content.split_point(fill);
    if (!cut) {
      for (std::uint32_t i = 1; i < content.count(); ++i) REQUIRE_FALSE(is_cut(content, i));
      check_cut_in_two_steps(leaf, edit, page_size);
      continue;
    }
    REQUIRE((*cut > 0 && *cut < content.count()));
    build_and_check(content, 0, *cut, model, page_size);
    build_and_check(content, *cut, content.count(), model, page_size);
  }
}

TEST_CASE("a leaf with one edit more can be cut in two") {
  for (const KeyFamily family : key_families) {
    for (const std::uint32_t alignment : alignments) {
      for (std::uint64_t seed = 0; seed < scaled(20); ++seed) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(family));
        CAPTURE(alignment);
        LeafMaker maker(seed, family, layout::min_page_size, alignment);
        check_split(maker, layout::min_page_size);
      }
    }
  }
}

TEST_CASE("a leaf of any page size can be cut in two") {
  for (const std::uint32_t page_size : page_sizes) {
    for (const KeyFamily family : key_families) {
      for (std::uint64_t seed = 100; seed < 100 + scaled(6); ++seed) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(family));
        CAPTURE(page_size);
        LeafMaker maker(seed, family, page_size, alignments[seed % alignments.size()]);
        check_split(maker, page_size);
      }
    }
  }
}

/// A sequence without an edit whose cuts are known to get monotonously worse: all values alike.
TEST_CASE("a fill says which side gets as much as it can") {
  PageBuffer page(layout::min_page_size);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 1);
  Random random(5);
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(100 + i);
    const Stored stored{random.bytes(random.below(30))};
    if (!editor.insert(i, as_bytes(key), stored.value())) break;
  }
  const std::string key = "k99999";
  const Stored stored{std::string(500, 'v')};
  LeafSequence content(editor.view());
  content.with_insert(editor.view().count(), as_bytes(key), stored.value());
  const std::uint32_t left_full = *content.split_point(Fill::left_full);
  const std::uint32_t right_full = *content.split_point(Fill::right_full);
  const std::uint32_t even = *content.split_point(Fill::even);
  CHECK_FALSE(is_cut(content, left_full + 1));
  CHECK_FALSE(is_cut(content, right_full - 1));
  const auto unevenness = [&](std::uint32_t cut) {
    const std::uint32_t left = content.size_of(0, cut);
    const std::uint32_t right = content.size_of(cut, content.count());
    return left > right ? left - right : right - left;
  };
  for (std::uint32_t cut = right_full; cut <= left_full; ++cut) {
    // As even as it gets, but for what an entry and the prefixes make of it.
    CHECK(unevenness(even) <= unevenness(cut) + 100);
  }
}

TEST_CASE("one entry cannot be cut") {
  PageBuffer page(layout::min_page_size);
  LeafEditor::format(page.bytes(), 1);
  LeafSequence content(LeafEditor(page.bytes()).view());
  CHECK_FALSE(content.split_point(Fill::even));
  content.with_insert(0, as_bytes("a"), {});
  CHECK_FALSE(content.split_point(Fill::even));
}

/// Two neighbours of one table, whose keys are those of one random leaf.
struct Neighbours {
  Neighbours(LeafMaker& maker, std::uint32_t page_size) : left(page_size), right(page_size) {
    LeafModel left_model;
    LeafModel right_model;
    const PageBuffer first = maker.fill(left_model, 200);
    const PageBuffer second = maker.fill(right_model, 200);
    // A share of each: all of left below all of right.
    const LeafView left_leaf(first.bytes().data(), page_size);
    const LeafView right_leaf(second.bytes().data(), page_size);
    const std::uint32_t left_count = maker.random().below(left_leaf.count() + 1);
    model = part(left_model, 0, left_count);
    std::uint32_t from = maker.random().below(right_leaf.count() + 1);
    if (!model.empty()) {
      const std::string& last = model.rbegin()->first;
      const Position bound = right_leaf.find(as_bytes(last));
      from = std::max(from, bound.index + (bound.found ? 1 : 0));
    }
    LeafSequence(left_leaf).build(0, left_count, left.bytes());
    LeafSequence(right_leaf).build(from, right_leaf.count(), right.bytes());
    model.merge(part(right_model, from, right_leaf.count()));
  }

  PageBuffer left;
  PageBuffer right;
  LeafModel model;
};

void check_merge(LeafMaker& maker, std::uint32_t page_size) {
  Neighbours two(maker, page_size);
  const LeafView left(two.left.bytes().data(), page_size);
  const LeafView right(two.right.bytes().data(), page_size);
  LeafSequence content(left, right);
  Edit edit{};  // the sequence refers to its bytes
  if (maker.random().one_in(2)) {
    edit = maker.edit(two.model);
    std::ignore = edit.apply(content);
    two.model[edit.key] = edit.stored;
  }
  check_reads(content, two.model);
  if (content.fits(0, content.count())) {
    build_and_check(content, 0, content.count(), two.model, page_size);
  }
  for (const Fill fill : fills) {
    const std::optional<std::uint32_t> cut = content.split_point(fill);
    if (!cut) continue;
    build_and_check(content, 0, *cut, two.model, page_size);
    build_and_check(content, *cut, content.count(), two.model, page_size);
  }
}

TEST_CASE("two neighbours are merged or share their entries anew") {
  for (const KeyFamily family : key_families) {
    for (const std::uint32_t alignment : alignments) {
      for (std::uint64_t seed = 0; seed < scaled(20); ++seed) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(family));
        CAPTURE(alignment);
        LeafMaker maker(seed, family, layout::min_page_size, alignment);
        check_merge(maker, layout::min_page_size);
      }
    }
  }
}

}  // namespace
}  // namespace quire::test
