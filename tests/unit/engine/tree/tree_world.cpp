#include "tree_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <new>

#include "quire/engine/page/overflow.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/tree/tree_placer.hpp"

namespace quire::test {
namespace {

constexpr std::size_t disk_size = std::size_t{128} << 20;
constexpr std::align_val_t disk_alignment{layout::max_page_size};
constexpr TableId table{7};
constexpr FileSeed seed{0x5eed};

std::byte* new_disk() { return static_cast<std::byte*>(::operator new(disk_size, disk_alignment)); }

}  // namespace

void TreeWorld::Free::operator()(std::byte* bytes) const {
  ::operator delete(bytes, disk_alignment);
}

TreeWorld::TreeWorld(std::uint32_t page_size, std::uint32_t alignment_log2)
    : page_size_(page_size),
      disk_(new_disk()),
      tags_(disk_size / page_size),
      arena_(page_size),
      space_(PageNo{layout::first_page(page_size)}),
      context_{Pages({disk_.get(), disk_size}, page_size, seed, Pages::Check::first_touch, &tags_,
                     &arena_),
               arena_, space_, TxnId{1}} {
  begin({.page = {}, .table = table, .alignment_log2 = static_cast<std::uint8_t>(alignment_log2)});
}

void TreeWorld::begin(const TreeRoot& root) {
  committed_ = root;
  context_.pages = context_.pages.at(space_.page_count(), context_.txn);
  editor_.emplace(context_, root);
}

EditOutcome TreeWorld::put(Bytes key, Bytes value, PutMode mode) {
  const bool is_inline = key.size() + value.size() <= layout::max_inline_size(page_size_);
  const LeafValue stored = is_inline ? LeafValue{value, false} : write_run(value);
  const EditOutcome outcome = editor_->put(key, stored, mode).value();
  release_displaced(outcome);
  if (!is_inline && !outcome.changed) REQUIRE(context_.release_run(reference_, table));
  return outcome;
}

LeafValue TreeWorld::write_run(Bytes value) {
  const Extent run = space_.take_run(overflow_page_count(value.size(), page_size_)).value();
  context_.pages.set_page_count(space_.page_count());
  std::byte* const bytes = disk_.get() + std::size_t{run.first.value} * page_size_;
  std::fill_n(bytes, std::size_t{run.count} * page_size_, std::byte{0});
  seal_overflow({bytes, overflow_header_size}, value, {run.first, context_.txn, table}, seed);
  copy_bytes(bytes + overflow_header_size, value);
  reference_ = make_overflow_reference(run.first.value, value.size());
  return {std::as_bytes(std::span(&reference_, 1)), true};
}

void TreeWorld::release_displaced(const EditOutcome& outcome) {
  if (outcome.displaced) REQUIRE(context_.release_run(*outcome.displaced, table));
}

EditOutcome TreeWorld::erase(const std::string& key) {
  const EditOutcome outcome = editor_->erase(as_bytes(key)).value();
  release_displaced(outcome);
  return outcome;
}

std::uint64_t TreeWorld::erase_range(const KeySpan& span) {
  return editor_->erase_range(span).value();
}

void TreeWorld::clear() { REQUIRE(editor_->clear()); }

PageRef TreeWorld::place() {
  if (!root().page.is_in_arena()) return root().page;
  const std::uint32_t count = arena_.live();
  TreePlacer placer(arena_, page_size_, context_.txn, seed,
                    space_.take(count, Growth::when_it_pays).value());
  const PageRef placed = placer.place(root());
  REQUIRE(placer.placed().size() == count);
  REQUIRE(std::size_t{space_.page_count().value} * page_size_ <= disk_size);
  for (const PlacedPage& page : placer.placed()) {
    placer.seal(page);
    copy_bytes(disk_.get() + std::size_t{page.number.value} * page_size_, page.bytes);
  }
  context_.pages.set_page_count(space_.page_count());
  arena_.release_own();
  return placed;
}

void TreeWorld::write_early() { editor_->set_root(place()); }

void TreeWorld::commit() {
  write_early();
  const TxnId txn = context_.txn;
  space_.commit(txn);
  space_.reclaim(std::array{txn});
  context_.txn = txn.next();
  begin(root());
}

void TreeWorld::abandon() {
  space_.rollback();
  arena_.rollback();
  context_.txn = context_.txn.next();  // its id may have written pages
  begin(TreeRoot(committed_));
}

}  // namespace quire::test
