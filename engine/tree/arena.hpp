// Arena: the pages of trees that have no place in the file yet.
//
// A page in it has an index instead of a page number, so a descent finds it without a lookup. Page
// numbers are given out only at a commit to the file, in as few runs as possible.
//
// Pages of the open transaction are its own: edited in place, free as soon as they are dropped. A
// resident commit leaves them here, for readers to follow: from then on they never change. They die
// with the transaction that has no more use for them, and are free again when no pin sees them, by
// the rule of the file's pages (space/pending.hpp).
//
// A mark parts what the open transaction does into epochs. A page of an epoch before the last mark
// is its own no longer, as if it were an older transaction's: it never changes, and when it is
// dropped it is kept, for whoever goes back to the mark.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/space/pending.hpp"

namespace quire {

/// Pages do not move. bytes() is for anybody who has a page's reference; the rest is for the one in
/// the writer's place.
class Arena {
 public:
  explicit Arena(std::uint32_t page_size);

  [[nodiscard]] std::byte* bytes(PageRef page) const {
    const std::uint32_t index = page.arena_index();
    std::byte* const* chunks = chunk_table_.load(std::memory_order_acquire);
    return chunks[index / chunk_pages] + std::size_t{index % chunk_pages} * page_size_;
  }
  [[nodiscard]] MutableBytes page(PageRef page) const { return {bytes(page), page_size_}; }

  // The open transaction

  /// Makes sure that the next `pages` calls of allocate(), release() and retire() cannot fail.
  void reserve(std::uint32_t pages);
  /// A page of its own, with whatever bytes were there before.
  [[nodiscard]] PageRef allocate();
  /// One of its own is of no more use.
  void release(PageRef page);
  /// One of an older transaction is of no more use: it dies if this one is committed.
  void retire(PageRef page, TxnId born) { retired_.push_back({{index_of(page), 1}, born, no_txn}); }
  /// One of an older epoch is of no more use, unless the transaction goes back to a mark.
  void keep_back(PageRef page);
  /// Its pages are all in the file.
  void release_own();

  // Its marks; those that are there are a stack, and none of this fails

  struct Mark {
    std::uint32_t epoch = 0;    ///< that begins with it: above all before
    std::uint32_t outer_epoch;  ///< that of the mark before it; 0: there is none
    std::uint32_t own_count;
    std::size_t own_end;
    std::size_t retired_end;
    std::size_t untouched_free;
  };
  /// Begins an epoch. At most 2^32 - 1 in one transaction.
  [[nodiscard]] Mark mark();
  /// Makes everything as it was at the last mark, which stays.
  void go_back(const Mark& mark);
  /// Takes the last mark away. What it kept alone is free.
  void take_away(const Mark& mark);
  /// The current epoch. The page-number field of an own page's header has the one that made it: it
  /// is to be changed in place only if that is not below this one.
  [[nodiscard]] std::uint32_t epoch() const { return epoch_; }
  [[nodiscard]] bool is_last_epoch() const { return last_epoch_ == UINT32_MAX; }

  // Its end, which no mark outlasts

  /// Makes sure that keep() cannot fail.
  void reserve_keep() { pending_.reserve(retired_.size()); }
  /// Committed as it stands here.
  void keep(TxnId txn);
  /// Committed in the file, with all that was here.
  void forget(TxnId txn);
  void rollback();

  /// Frees what no pin keeps; `pins` sorted, all there are. Overwrites it, if asked to.
  void reclaim(std::span<const TxnId> pins, bool poisons);

  // Facts

  /// Pages that only the open transaction has.
  [[nodiscard]] std::uint32_t own() const { return own_count_; }
  /// Pages of the newest state, as the open transaction leaves it.
  [[nodiscard]] std::uint32_t live() const {
    return own_count_ + resident_count_ - static_cast<std::uint32_t>(retired_.size());
  }
  [[nodiscard]] std::uint64_t live_size() const { return std::uint64_t{live()} * page_size_; }
  /// Bytes of all pages that are not free, those that only pins keep included.
  [[nodiscard]] std::uint64_t used_size() const {
    return (own_count_ + resident_count_ + pending_.page_count()) * page_size_;
  }
  /// Dead pages that wait for this pin, and for no newer one.
  [[nodiscard]] std::uint64_t pending_pages(TxnId pin) const { return pending_.page_count(pin); }

 private:
  static constexpr std::uint32_t chunk_pages = 64;
  struct Free {
    void operator()(std::byte* bytes) const;
  };

  static PageNo index_of(PageRef page) {
    QUIRE_ASSERT(page.is_in_arena());
    return {page.arena_index()};
  }
  void add_chunk();
  void bury(TxnId txn);
  void begin_anew();
  void free_handed_out(std::size_t begin);
  void shrink();

  std::uint32_t page_size_;
  std::uint32_t next_ = 0;  ///< index of the first page that was never used
  std::uint32_t own_count_ = 0;
  std::uint32_t resident_count_ = 0;  ///< of the newest committed state
  std::vector<std::uint32_t> free_;
  std::size_t untouched_free_ = 0;  ///< so many of these were free at the last end or mark, and
                                    ///< ever since
  std::vector<std::uint32_t>
      own_;  ///< all that was handed out since then, or became free; some twice
  /// If the open transaction is committed; by index. What is kept back has no birth.
  std::vector<DeadExtent> retired_;
  std::uint32_t epoch_ = 0;
  std::uint32_t last_epoch_ = 0;  ///< of the open transaction
  Pending pending_;
  std::vector<Extent> reclaimed_;
  std::vector<std::unique_ptr<std::byte, Free>> chunks_;
  /// Where the chunks are. Tables that became too small stay, for readers who are at one.
  std::vector<std::unique_ptr<std::byte*[]>> tables_;
  std::size_t table_size_ = 0;
  std::atomic<std::byte* const*> chunk_table_{nullptr};
};

}  // namespace quire
