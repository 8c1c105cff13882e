// A branch under random edits, against a sorted list of separators.
#include "quire/engine/page/branch_editor.hpp"

#include <doctest/doctest.h>

#include "branch_model.hpp"
#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/verify.hpp"
#include "sample_pages.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// One branch, its model, and edits that happen to both.
class EditedBranch {
 public:
  EditedBranch(std::uint64_t seed, std::uint32_t page_size, KeyFamily family)
      : random_(seed),
        keys_(random_, family, page_size),
        other_keys_(random_, key_families[random_.below(key_families.size())], page_size),
        page_(page_size),
        editor_(page_.bytes()) {
    model_.children = {random_child(random_)};
    level_ = static_cast<Level>(1 + random_.below(max_level));
    BranchEditor::format(page_.bytes(), level_, model_.children[0]);
  }

  void edit() {
    if (random_.one_in(100)) is_shrinking_ = !is_shrinking_;
    const std::uint32_t kind = random_.below(is_shrinking_ ? 5 : 16);
    if (kind < 2 && model_.count() > 0) {
      erase();
    } else if (kind == 2 && model_.count() > 0) {
      replace();
    } else if (kind == 3) {
      set_child();
    } else {
      insert();
    }
    const std::optional<PageDefect> defect = check_structure(page_.bytes());
    REQUIRE(!defect);
    REQUIRE(editor_.view().level() == level_);
  }

  void check_all() {
    check_branch_is(page_, model_, keys_);
    REQUIRE(editor_.used_size() + editor_.free_size() == body_size(page_.size()));
    // What is in one branch fits one branch built anew.
    REQUIRE(BranchSequence(editor_.view()).fits(0, model_.count()));
  }

 private:
  std::string next_key() { return random_.one_in(50) ? other_keys_.next() : keys_.next(); }

  void insert() {
    const std::string key = next_key();
    if (std::ranges::binary_search(model_.separators, key)) return;
    const Child right = random_child(random_);
    const std::uint32_t index = model_.child_index(key);
    const PageBuffer before = page_;
    if (editor_.insert(index, as_bytes(key), right)) {
      model_.insert(key, right);
      return;
    }
    REQUIRE(page_ == before);
    BranchSequence content(editor_.view());
    content.with_insert(index, as_bytes(key), right);
    REQUIRE_FALSE(content.fits(0, content.count()));
    is_shrinking_ = true;
  }

  void replace() {
    const std::string key = next_key();
    if (std::ranges::binary_search(model_.separators, key)) return;
    // Any separator beside the new one's place may become it.
    const std::uint32_t place = model_.child_index(key);
    const bool is_left = place == model_.count() || (place > 0 && random_.one_in(2));
    const std::uint32_t index = is_left ? place - 1 : place;
    const PageBuffer before = page_;
    if (editor_.replace_separator(index, as_bytes(key))) {
      model_.separators[index] = key;
    } else {
      REQUIRE(page_ == before);
    }
  }

  void erase() {
    const std::uint32_t index = random_.below(model_.children.size());
    editor_.erase_child(index);
    model_.erase_child(index);
  }

  void set_child() {
    const std::uint32_t index = random_.below(model_.children.size());
    model_.children[index] = random_child(random_);
    editor_.set_child(index, model_.children[index].ref);
    editor_.set_entries(index, model_.children[index].entries);
  }

  Random random_;
  KeySource keys_;
  KeySource other_keys_;
  PageBuffer page_;
  BranchEditor editor_;
  BranchModel model_;
  Level level_ = 0;
  bool is_shrinking_ = false;
};

void check_edits(std::uint64_t seed, std::uint32_t page_size, KeyFamily family, std::size_t edits) {
  CAPTURE(seed);
  CAPTURE(page_size);
  CAPTURE(static_cast<int>(family));
  EditedBranch branch(seed, page_size, family);
  for (std::size_t i = 0; i < edits; ++i) {
    branch.edit();
    if (i % 64 == 0) branch.check_all();
  }
  branch.check_all();
}

// Law: a branch answers like a sorted list, is sound after every edit, and is as it was after an
// edit that was refused.
TEST_CASE("a branch sends keys where a sorted list of separators sends them") {
  for (const KeyFamily family : key_families) {
    for (std::uint64_t seed = 0; seed < scaled(20); ++seed) {
      check_edits(seed, layout::min_page_size, family, 1000);
    }
  }
}

TEST_CASE("a branch of any page size sends keys where a sorted list sends them") {
  for (const std::uint32_t page_size : page_sizes) {
    for (const KeyFamily family : key_families) {
      for (std::uint64_t seed = 100; seed < 100 + scaled(2); ++seed) {
        check_edits(seed, page_size, family, 1500);
      }
    }
  }
}

TEST_CASE("the first separator that its head does not spell ends the purity of a branch") {
  const std::vector<std::string> unspelled = {"123456789", std::string("1\0", 2),
                                              std::string("12345678\0", 9)};
  for (const std::string& separator : unspelled) {
    PageBuffer page(layout::min_page_size);
    BranchEditor editor(page.bytes());
    BranchEditor::format(page.bytes(), 1, {PageNo{7}, 1});
    for (const char* plain : {"0", "00000001", "2", "3"}) {
      REQUIRE(editor.insert(editor.view().count(), as_bytes(plain), {PageNo{8}, 1}));
      REQUIRE(editor.view().is_pure());
    }
    REQUIRE(editor.insert(2, as_bytes(separator), {PageNo{9}, 1}));
    CHECK_FALSE(editor.view().is_pure());
    CHECK(editor.view().child_index(as_bytes(separator)) == 3);
    CHECK(editor.view().child_index(as_bytes(separator.substr(0, separator.size() - 1))) == 2);
  }
}

TEST_CASE("a child that belongs to an open transaction is sound for it, not for the file") {
  PageBuffer page(layout::min_page_size);
  for (const PageRef ref : {PageRef::in_arena(5), PageRef{}}) {
    BranchEditor::format(page.bytes(), 1, {ref, 1});
    CHECK_FALSE(check_body(page.bytes()));
    CHECK(check_structure(page.bytes()) == PageDefect::child);
  }
}

// Law: looked at many at once, the children of an arena are those that one at a time finds.
TEST_CASE("the children in an arena are found, wherever they are") {
  Random random(7);
  for (std::uint32_t round = 0; round < scaled(300); ++round) {
    CAPTURE(round);
    PageBuffer page = sample_branch(random, 4096, round % 2 == 0);
    BranchEditor editor(page.bytes());
    const std::uint32_t end = editor.view().count() + 1;
    std::vector<std::uint32_t> expected;
    for (std::uint32_t child = 0; child < end; ++child) {
      if (!random.one_in(1 + round % 40)) continue;
      editor.set_child(child, PageRef::in_arena(random.below(1'000)));
      expected.push_back(child);
    }
    std::vector<std::uint32_t> found;
    const BranchView branch = editor.view();
    for (std::uint32_t child = branch.next_in_arena(0); child < end;
         child = branch.next_in_arena(child + 1))
      found.push_back(child);
    REQUIRE(found == expected);
  }
}

}  // namespace
}  // namespace quire::test
