// Sound pages of every type, with entries that its readers treat differently.
#pragma once

#include "branch_model.hpp"
#include "leaf_model.hpp"
#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/leaf_editor.hpp"

namespace quire::test {

enum class SampleKind : std::uint8_t { leaf, rows, branch, pure_branch };
inline constexpr std::array<SampleKind, 4> sample_kinds = {
    SampleKind::leaf, SampleKind::rows, SampleKind::branch, SampleKind::pure_branch};

/// A leaf of random entries, some of which were replaced or erased again.
inline PageBuffer sample_leaf(Random& random, std::uint32_t page_size, bool rows) {
  PageBuffer page(page_size);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), random.any_of(alignments));
  const KeyFamily family =
      rows ? KeyFamily::numbers : key_families[random.below(key_families.size())];
  KeySource keys(random, family, page_size);
  ValueSource values(random, page_size);
  const std::string row_value = random.bytes(random.below(12));
  for (std::uint32_t i = 1 + random.below(300); i > 0; --i) {
    const std::string key = keys.next();
    const Stored stored = rows ? Stored{row_value} : values.next(key.size());
    const Position place = editor.view().find(as_bytes(key));
    const bool done = place.found ? editor.replace(place.index, stored.value())
                                  : editor.insert(place.index, as_bytes(key), stored.value());
    if (!done) break;
    if (editor.view().count() > 1 && random.one_in(8)) {
      editor.erase(random.below(editor.view().count()));
    }
  }
  return page;
}

inline PageBuffer sample_branch(Random& random, std::uint32_t page_size, bool pure) {
  PageBuffer page(page_size);
  BranchEditor editor(page.bytes());
  BranchEditor::format(page.bytes(), 1, random_child(random));
  const KeyFamily family =
      pure ? KeyFamily::numbers : key_families[random.below(key_families.size())];
  KeySource keys(random, family, page_size);
  for (std::uint32_t i = 1 + random.below(300); i > 0; --i) {
    std::string key = keys.next();
    if (pure && key.back() == '\0') continue;
    const BranchView branch = editor.view();
    const std::uint32_t index = branch.child_index(as_bytes(key));
    KeyBuffer buffer;
    if (index > 0 && as_text(branch.separator(index - 1, buffer)) == key) continue;
    if (!editor.insert(index, as_bytes(key), random_child(random))) break;
    if (random.one_in(8)) editor.erase_child(random.below(editor.view().count() + 1));
  }
  return page;
}

inline PageBuffer sample_page(Random& random, SampleKind kind, std::uint32_t page_size) {
  switch (kind) {
    case SampleKind::leaf: return sample_leaf(random, page_size, false);
    case SampleKind::rows: return sample_leaf(random, page_size, true);
    case SampleKind::branch: return sample_branch(random, page_size, false);
    case SampleKind::pure_branch: break;
  }
  return sample_branch(random, page_size, true);
}

}  // namespace quire::test
