#include "quire/engine/tree/lookup.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {
namespace {

/// Of a value, as most who look one up read all of it.
constexpr std::size_t most_prefetched = layout::max_inline_size(layout::default_page_size);

/// What a leaf has at a position.
Result<std::optional<Value>> value_at(const Pages& pages, const LeafView& leaf, TableId table,
                                      const Position& position) {
  if (!position.found) return std::optional<Value>();
  const LeafValue value = leaf.value(position.index);
  if (!value.is_overflow) [[likely]] {
    const Bytes front = value.bytes.first(std::min(value.bytes.size(), most_prefetched));
    prefetch(front.data(), front.size());
    if (!front.empty()) prefetch(&front.back());
    return std::optional<Value>(value.bytes);
  }
  const Result<Bytes> run = pages.overflow_value(value.bytes, table);
  if (!run) return fail(run);
  return std::optional<Value>(*run);
}

/// Some keys on their way down, all at the same level.
class LookupGroup {
 public:
  /// Needs a tree that is not empty, and at most so many keys.
  LookupGroup(const Pages& pages, const TreeRoot& root, std::span<const Bytes> keys)
      : pages_(pages), table_(root.table), level_(root.level), keys_(keys) {
    refs_.fill(root.page);
    newest_.fill(pages.newest());
  }

  /// Asks for their leaves in the end.
  Status go_down(bool is_cold) {
    for (; level_ > 0; --level_)
      if (Status done = step_down(is_cold); !done) return done;
    return {};
  }

  /// Cold: pages are asked for before any of them is waited for.
  Status run(std::span<std::optional<Value>> values, bool is_cold) {
    if (Status done = go_down(is_cold); !done) return done;
    if (Status done = find_in_leaves(); !done) return done;
    for (std::size_t index = 0; index < keys_.size(); ++index) {
      const LeafView leaf(found_[index], pages_.page_size());
      Result<std::optional<Value>> value = value_at(pages_, leaf, table_, positions_[index]);
      if (!value) return fail(value);
      values[index] = *value;
    }
    return {};
  }

 private:
  Result<const std::byte*> find(std::size_t index) const {
    const Expected expected{table_, level_, newest_[index]};
    const std::byte* const page = pages_.find(refs_[index], expected);
    if (page == nullptr) [[unlikely]]
      return fail(pages_.explain(refs_[index], expected));
    return page;
  }

  /// Says of all keys where they go before it asks for any of these pages: nothing waits between.
  Status step_down(bool is_cold) {
    for (std::size_t index = 0; index < keys_.size(); ++index) {
      const Result<const std::byte*> page = find(index);
      if (!page) return fail(page);
      const BranchView branch(*page, pages_.page_size());
      refs_[index] = branch.child(branch.child_index(keys_[index]));
      newest_[index] = PageView(*page, 0).born();
    }
    if (is_cold) [[unlikely]]
      for (std::size_t index = 0; index < keys_.size(); ++index) pages_.ask_for(refs_[index]);
    for (std::size_t index = 0; index < keys_.size(); ++index) pages_.prefetch(refs_[index]);
    return {};
  }

  Status find_in_leaves() {
    for (std::size_t index = 0; index < keys_.size(); ++index) {
      const Result<const std::byte*> page = find(index);
      if (!page) return fail(page);
      const LeafView leaf(*page, pages_.page_size());
      found_[index] = *page;
      positions_[index] = leaf.find(keys_[index]);
      if (positions_[index].found) leaf.prefetch_value(positions_[index].index);
    }
    return {};
  }

  const Pages& pages_;
  const TableId table_;
  Level level_;
  std::span<const Bytes> keys_;
  std::array<PageRef, lookup_group_size> refs_;
  std::array<TxnId, lookup_group_size> newest_;
  std::array<const std::byte*, lookup_group_size> found_;  ///< the leaves
  std::array<Position, lookup_group_size> positions_;
};

/// Whether groups wait for the disk. Nothing that is cheap tells whether a page is in memory; how
/// long the group before took does. One that waited for another reason costs the next one calls
/// for nothing.
class PaceOfGroups {
 public:
  [[nodiscard]] bool is_cold() const { return is_cold_; }
  void end_group() {
    const Clock::time_point now = Clock::now();
    is_cold_ = now - began_ > longest_in_memory;
    began_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  /// Of all keys of a group: a tenth of that is usual, and each read of a disk takes as much.
  static constexpr std::chrono::microseconds longest_in_memory{100};

  Clock::time_point began_ = Clock::now();
  bool is_cold_ = false;
};

}  // namespace

Result<std::optional<Value>> lookup(const Pages& pages, const TreeRoot& root, Bytes key) {
  if (root.page.is_none()) return std::optional<Value>();
  PageRef ref = root.page;
  Expected expected{root.table, root.level, pages.newest()};
  for (;; --expected.level) {
    const std::byte* page = pages.find(ref, expected);
    if (page == nullptr) [[unlikely]]
      return fail(pages.explain(ref, expected));
    if (expected.level == 0) {
      const LeafView leaf(page, pages.page_size());
      return value_at(pages, leaf, root.table, leaf.find(key));
    }
    const BranchView branch(page, pages.page_size());
    ref = branch.child(branch.child_index(key));
    pages.prefetch(ref);
    expected.newest = PageView(page, 0).born();
  }
}

Status lookup_many(const Pages& pages, const TreeRoot& root, std::span<const Bytes> keys,
                   std::span<std::optional<Value>> values) {
  if (root.page.is_none()) {
    std::ranges::fill(values, std::nullopt);
    return {};
  }
  PaceOfGroups pace;
  while (!keys.empty()) {
    const std::size_t count = std::min(keys.size(), lookup_group_size);
    LookupGroup group(pages, root, keys.first(count));
    if (Status done = group.run(values, pace.is_cold()); !done) return done;
    keys = keys.subspan(count);
    values = values.subspan(count);
    if (!keys.empty()) pace.end_group();
  }
  return {};
}

void ask_for_leaves(const Pages& pages, const TreeRoot& root, std::span<const Bytes> keys) {
  if (root.page.is_none()) return;
  const auto group = keys.first(std::min(keys.size(), lookup_group_size));
  static_cast<void>(LookupGroup(pages, root, group).go_down(false));
}

Result<std::uint64_t> rank(const Pages& pages, const TreeRoot& root, Bytes key) {
  std::uint64_t below = 0;
  PageRef ref = root.page;
  Expected expected{root.table, root.level, pages.newest()};
  if (ref.is_none()) return below;
  for (;; --expected.level) {
    const std::byte* page = pages.find(ref, expected);
    if (page == nullptr) return fail(pages.explain(ref, expected));
    if (expected.level == 0) return below + LeafView(page, pages.page_size()).find(key).index;
    const BranchView branch(page, pages.page_size());
    const std::uint32_t child = branch.child_index(key);
    for (std::uint32_t before = 0; before < child; ++before) below += branch.entries(before);
    ref = branch.child(child);
    pages.prefetch(ref);
    expected.newest = PageView(page, 0).born();
  }
}

}  // namespace quire
