// BranchModel: what a branch should hold.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "material.hpp"
#include "quire/engine/page/branch_view.hpp"

namespace quire::test {

inline bool operator==(const Child& left, const Child& right) {
  return left.ref == right.ref && left.entries == right.entries;
}

/// Separators, and children between them: one more.
struct BranchModel {
  std::vector<std::string> separators;
  std::vector<Child> children;

  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(separators.size());
  }
  /// How many separators are not greater than the key.
  [[nodiscard]] std::uint32_t child_index(const std::string& key) const {
    const auto above = std::ranges::upper_bound(separators, key);
    return static_cast<std::uint32_t>(above - separators.begin());
  }
  /// Puts in a separator, at its place, with the child right of it.
  void insert(const std::string& separator, Child right) {
    const std::uint32_t index = child_index(separator);
    separators.insert(separators.begin() + index, separator);
    children.insert(children.begin() + index + 1, right);
  }
  void erase_child(std::uint32_t index) {
    separators.erase(separators.begin() + (index == 0 ? 0 : index - 1));
    children.erase(children.begin() + index);
  }
  /// The separators [first, last) and the children beside them.
  [[nodiscard]] BranchModel part(std::uint32_t first, std::uint32_t last) const {
    return {{separators.begin() + first, separators.begin() + last},
            {children.begin() + first, children.begin() + last + 1}};
  }
};

inline Child random_child(Random& random) {
  const PageNo page{1 + random.below(max_page_count - 1)};
  return {page, random.number() >> (64 - txn_bits)};
}

/// Law: the branch holds what the model holds, and sends every key to the child that it belongs to.
inline void check_branch_is(const PageBuffer& page, const BranchModel& model, KeySource& keys) {
  const BranchView branch(page.bytes().data(), page.size());
  REQUIRE(branch.count() == model.count());
  KeyBuffer buffer;
  for (std::uint32_t i = 0; i <= model.count(); ++i) {
    REQUIRE((Child{branch.child(i), branch.entries(i)} == model.children[i]));
    if (i == model.count()) break;
    const std::string& separator = model.separators[i];
    REQUIRE(as_text(branch.separator(i, buffer)) == separator);
    // A separator is the first key that belongs to the child right of it.
    REQUIRE(branch.child_index(as_bytes(separator)) == i + 1);
    if (separator.empty()) continue;
    const std::string below = separator.substr(0, separator.size() - 1);
    REQUIRE(branch.child_index(as_bytes(below)) == model.child_index(below));
    const std::string above = separator + '\0';
    REQUIRE(branch.child_index(as_bytes(above)) == model.child_index(above));
  }
  for (int i = 0; i < 20; ++i) {
    const std::string key = keys.next();
    REQUIRE(branch.child_index(as_bytes(key)) == model.child_index(key));
  }
}

}  // namespace quire::test
