// A leaf under random edits, against a sorted map.
#include "quire/engine/page/leaf_editor.hpp"

#include <doctest/doctest.h>

#include "leaf_model.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/verify.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// One leaf, its model, and edits that happen to both.
class EditedLeaf {
 public:
  EditedLeaf(std::uint64_t seed, std::uint32_t page_size, std::uint32_t alignment, KeyFamily family)
      : random_(seed),
        keys_(random_, family, page_size),
        values_(random_, page_size),
        page_(page_size),
        editor_(page_.bytes()) {
    LeafEditor::format(page_.bytes(), alignment);
  }

  /// Another leaf, which has one entry from its making on, and as prefix what its key shares with
  /// this one's.
  void begin_with_an_entry() {
    const PageBuffer before = page_;
    const LeafView other(before.bytes().data(), before.size());
    const std::string key = keys_.next();
    const Stored stored = values_.next(key.size());
    LeafEditor::format(page_.bytes(), other, as_bytes(key), stored.value());
    model_ = {{key, stored}};
    check_all();
    REQUIRE(editor_.view().prefix_length() == shared_prefix(other.prefix(), as_bytes(key)));
    REQUIRE(editor_.view().is_rows() == (other.is_rows() && !stored.is_overflow));
  }

  void edit() {
    const std::uint32_t kind = random_.below(is_shrinking_ ? 4 : 16);
    if (random_.one_in(100)) is_shrinking_ = !is_shrinking_;
    if (kind < 2 && !model_.empty()) return erase();
    if (kind == 2 && !model_.empty()) return replace();
    if (kind == 3) return append();
    insert();
  }

  void check_all() {
    check_leaf_is(page_, model_);
    for (int i = 0; i < 20; ++i) {
      const std::string key = keys_.next();
      const Position position = editor_.view().find(as_bytes(key));
      REQUIRE(position.index == model_index(model_, key));
      REQUIRE(position.found == model_.contains(key));
      REQUIRE(editor_.view().is_below(as_bytes(key)) == is_behind_all(key));
    }
    REQUIRE(editor_.used_size() + editor_.free_size() == body_size(page_.size()));
    // What is in one leaf fits one leaf built anew.
    REQUIRE(LeafSequence(editor_.view()).fits(0, editor_.view().count()));
  }

 private:
  void insert() {
    const std::string key = keys_.next();
    if (model_.contains(key)) return;
    const Stored stored = values_.next(key.size());
    const std::uint32_t index = model_index(model_, key);
    const PageBuffer before = page_;
    if (editor_.insert(index, as_bytes(key), stored.value())) {
      model_[key] = stored;
    } else {
      check_refused(before, index, as_bytes(key), stored);
    }
    check_sound();
  }

  [[nodiscard]] bool is_behind_all(const std::string& key) const {
    return !model_.empty() && model_.rbegin()->first < key &&
           key.starts_with(as_text(editor_.view().prefix()));
  }

  /// Law: an entry is put behind the others only if its key is above theirs, and else nothing is
  /// changed; also where the leaf is full, or would have to become one of another kind.
  void append() {
    std::string key = keys_.next();
    if (random_.one_in(2) && !model_.empty()) {
      const std::string above = model_.rbegin()->first + 'x';
      if (above.size() <= layout::max_key_size(page_.size())) key = std::max(key, above);
    }
    const Stored stored = values_.next(key.size());
    const PageBuffer before = page_;
    if (editor_.append(as_bytes(key), stored.value())) {
      REQUIRE(model_.emplace_hint(model_.end(), key, stored)->second == stored);
      REQUIRE(model_.rbegin()->first == key);
    } else {
      REQUIRE(page_ == before);
    }
    check_sound();
  }

  void check_refused(const PageBuffer& before, std::uint32_t index, Bytes key,
                     const Stored& stored) {
    REQUIRE(page_ == before);
    LeafSequence content(editor_.view());
    content.with_insert(index, key, stored.value());
    REQUIRE_FALSE(content.fits(0, content.count()));
    is_shrinking_ = true;
  }

  void replace() {
    const std::uint32_t index = random_.below(model_.size());
    const auto entry = std::next(model_.begin(), index);
    const Stored stored = values_.next(entry->first.size());
    const PageBuffer before = page_;
    if (editor_.replace(index, stored.value())) {
      entry->second = stored;
    } else {
      REQUIRE(page_ == before);
    }
    check_sound();
  }

  void erase() {
    const std::uint32_t index = random_.below(model_.size());
    model_.erase(std::next(model_.begin(), index));
    editor_.erase(index);
    check_sound();
  }

  void check_sound() {
    const std::optional<PageDefect> defect = check_body(page_.bytes());
    REQUIRE(!defect);
    REQUIRE(editor_.view().count() == model_.size());
  }

  Random random_;
  KeySource keys_;
  ValueSource values_;
  PageBuffer page_;
  LeafEditor editor_;
  LeafModel model_;
  bool is_shrinking_ = false;
};

void check_edits(std::uint64_t seed, std::uint32_t page_size, std::uint32_t alignment,
                 KeyFamily family, std::size_t edits) {
  CAPTURE(seed);
  CAPTURE(page_size);
  CAPTURE(alignment);
  CAPTURE(static_cast<int>(family));
  EditedLeaf leaf(seed, page_size, alignment, family);
  if (seed % 2 == 1) {
    for (int i = 0; i < 40; ++i) leaf.edit();
    leaf.begin_with_an_entry();
  }
  for (std::size_t i = 0; i < edits; ++i) {
    leaf.edit();
    if (i % 64 == 0) leaf.check_all();
  }
  leaf.check_all();
}

// Law: a leaf answers like a sorted map, is sound after every edit, and is as it was after an edit
// that was refused.
TEST_CASE("a leaf answers like a sorted map") {
  for (const KeyFamily family : key_families) {
    for (const std::uint32_t alignment : alignments) {
      for (std::uint64_t seed = 0; seed < scaled(4); ++seed) {
        check_edits(seed, layout::min_page_size, alignment, family, 800);
      }
    }
  }
}

TEST_CASE("a leaf of any page size answers like a sorted map") {
  Random random(1);
  for (const std::uint32_t page_size : page_sizes) {
    for (const KeyFamily family : key_families) {
      for (std::uint64_t seed = 0; seed < scaled(3); ++seed) {
        check_edits(seed, page_size, random.any_of(alignments), family, 1500);
      }
    }
  }
}

// ---- The two types of leaf

/// A leaf of `count` entries whose keys have 4 bytes and whose values have 5.
LeafModel fill_with_rows(PageBuffer& page, std::uint32_t count) {
  LeafModel model;
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(100 + i);
    const Stored stored{std::to_string(10'000 + i)};
    REQUIRE(editor.insert(i, as_bytes(key), stored.value()));
    model[key] = stored;
  }
  return model;
}

TEST_CASE("entries of one shape are rows, and any unlike entry makes them a general leaf") {
  const std::map<std::string, Stored> unlike_entries = {
      {"longer key", {"12345"}}, {"k", {"12345"}}, {"k9999", {"123456"}}, {"k555", {""}}};
  for (const auto& [key, stored] : unlike_entries) {
    PageBuffer page(layout::min_page_size);
    LeafModel model = fill_with_rows(page, 80);
    LeafEditor editor(page.bytes());
    REQUIRE(editor.view().is_rows());
    REQUIRE(editor.insert(model_index(model, key), as_bytes(key), stored.value()));
    CHECK_FALSE(editor.view().is_rows());
    model[key] = stored;
    check_leaf_is(page, model);
    // Without it, whoever builds the page anew gets rows again.
    editor.erase(model_index(model, key));
    model.erase(key);
    PageBuffer again(page.size());
    LeafSequence(editor.view()).build(0, editor.view().count(), again.bytes());
    CHECK(LeafView(again.bytes().data(), again.size()).is_rows());
    check_leaf_is(again, model);
  }
}

TEST_CASE("a value of another length makes rows a general leaf") {
  PageBuffer page(layout::min_page_size);
  LeafModel model = fill_with_rows(page, 80);
  LeafEditor editor(page.bytes());
  model["k140"] = {"one that is longer"};
  REQUIRE(editor.replace(40, model["k140"].value()));
  CHECK_FALSE(editor.view().is_rows());
  check_leaf_is(page, model);
}

// Rows have no bit that would tell a reference from a value.
TEST_CASE("references to large values are no rows, though all are of one length") {
  PageBuffer page(layout::min_page_size);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 8);
  const auto reference = make_overflow_reference(9, 100'000);
  const Stored stored{std::string(as_text(std::as_bytes(std::span(&reference, 1)))), true};
  LeafModel model;
  for (const char* key : {"a", "b", "c"}) {
    REQUIRE(editor.insert(model_index(model, key), as_bytes(key), stored.value()));
    model[key] = stored;
  }
  CHECK_FALSE(editor.view().is_rows());
  REQUIRE_FALSE(check_structure(page.bytes()));
  check_leaf_is(page, model);
}

// Law: a leaf that is made anew keeps its prefix as long as everything fits with it, and has the
// longest one when it would be full otherwise.
TEST_CASE("a prefix grows only where a leaf would be full") {
  PageBuffer page(4096);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 1);
  const auto insert = [&](const std::string& key, std::size_t size) {
    const Position position = editor.view().find(as_bytes(key));
    return editor.insert(position.index, as_bytes(key), {as_bytes(std::string(size, 'v')), false});
  };
  REQUIRE(insert("prefer", 10));
  REQUIRE(insert("prefix", 10));
  CHECK(editor.view().prefix_length() == 4);
  CHECK(editor.view().is_rows());
  editor.erase(0);
  // Made anew for another length, with keys that share six bytes.
  REQUIRE(insert("prefix and more 02", 20));
  CHECK_FALSE(editor.view().is_rows());
  CHECK(editor.view().prefix_length() == 4);
  editor.erase(0);
  std::uint32_t longest = 0;
  for (int number = 100; insert("prefix and more " + std::to_string(number), 20); ++number)
    longest = editor.view().prefix_length();
  CHECK(longest == std::string("prefix and more ").size());
}

TEST_CASE("keys that differ in trailing zero bytes are different keys") {
  PageBuffer page(layout::min_page_size);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 1);
  LeafModel model;
  for (std::size_t zeros = 20; zeros-- > 0;) {
    const std::string key = "a" + std::string(zeros, '\0');
    const Stored stored{std::to_string(zeros)};
    REQUIRE_FALSE(editor.view().find(as_bytes(key)).found);
    REQUIRE(editor.insert(model_index(model, key), as_bytes(key), stored.value()));
    model[key] = stored;
  }
  REQUIRE_FALSE(check_structure(page.bytes()));
  check_leaf_is(page, model);
}

}  // namespace
}  // namespace quire::test
