// Pages: the door through which bytes become pages.
//
// Whoever follows a reference says what must be there: a page of this table, at this level, not
// newer than what referred to it. The door checks that against the header each time, and checksum
// and structure at first touch; behind it, bytes are trusted. Pages of the arena were made here and
// are trusted; no page of the file refers to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/page/page_view.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/tree/arena.hpp"
#include "quire/engine/tree/value_check.hpp"
#include "quire/engine/tree/verified_tags.hpp"

namespace quire {

/// What a reference promises about its page.
struct Expected {
  TableId table;
  Level level = 0;
  TxnId newest;  ///< born no later than this: the page that refers to it, or the state
};

/// Cheap to copy; reading is thread-safe. Everything it points to must outlive it.
class Pages {
 public:
  // NOLINTNEXTLINE(performance-enum-size): in words, as all of this is copied
  enum class Check : std::uint64_t { first_touch, always, off };

  Pages(Bytes map, std::uint32_t page_size, FileSeed seed, Check check, PageTags* tags,
        const Arena* arena)
      : map_(map.data()),
        tags_(tags),
        seed_(seed),
        check_(check),
        arena_(arena),
        page_size_(page_size) {}

  /// The same file as a state sees it: up to page_count, written up to newest.
  [[nodiscard]] Pages at(PageNo page_count, TxnId newest) const {
    Pages pages = *this;
    pages.page_count_ = page_count;
    pages.newest_ = newest;
    return pages;
  }
  /// The same pages, each verified at every access.
  [[nodiscard]] Pages verifying_always() const {
    Pages pages = *this;
    pages.check_ = Check::always;
    return pages;
  }
  void set_page_count(PageNo page_count) { page_count_ = page_count; }

  [[nodiscard]] std::uint32_t page_size() const { return page_size_; }
  [[nodiscard]] PageNo page_count() const { return page_count_; }
  [[nodiscard]] TxnId newest() const { return newest_; }
  [[nodiscard]] FileSeed seed() const { return seed_; }

  /// The page, or nullptr when it is not what was expected; explain() then says why.
  [[nodiscard]] const std::byte* find(PageRef ref, const Expected& expected) const {
    if (ref.is_in_arena()) [[unlikely]]
      return arena_->bytes(ref);
    if (ref.number() >= page_count_) [[unlikely]]
      return nullptr;
    const std::byte* bytes = map_ + std::size_t{ref.raw()} * page_size_;
    const auto& header = *overlay<layout::PageHeader>(bytes);
    if (check_ != Check::off) {
      const bool is_known =
          check_ == Check::first_touch && tags_->pages.is_verified(ref.number(), {header.born});
      if (!is_known && !verify(ref.number(), bytes)) [[unlikely]]
        return nullptr;
    }
    return is_as_expected(bytes, expected) ? bytes : nullptr;
  }

  /// The same with an error.
  [[nodiscard]] Result<PageView> page(PageRef ref, const Expected& expected) const {
    const std::byte* bytes = find(ref, expected);
    if (bytes == nullptr) [[unlikely]]
      return fail(explain(ref, expected));
    return PageView(bytes, page_size_);
  }

  /// Why find() gave nothing.
  [[nodiscard]] Error explain(PageRef ref, const Expected& expected) const;

  /// Whether these bytes lie in the file: they are no better than it.
  [[nodiscard]] bool are_in_file(Bytes bytes) const {
    const std::less<> before;
    const std::byte* const end = map_ + std::size_t{page_count_.value} * page_size_;
    return !before(bytes.data(), map_) && before(bytes.data(), end);
  }

  /// A page without any check: for what looks at damage.
  [[nodiscard]] const std::byte* unchecked(PageNo page) const {
    return map_ + std::size_t{page.value} * page_size_;
  }

  /// The value that a reference in a leaf of this table names, in place. Checks the run at first
  /// touch.
  [[nodiscard]] Result<Bytes> overflow_value(Bytes reference, TableId table) const;

  /// The pages where that value is said to lie, and nothing where they are not in the file. Reads
  /// none of them.
  [[nodiscard]] Bytes overflow_run(Bytes reference) const;

  /// What check finds wrong with a value that lies where find() or overflow_value() gave it, or
  /// elsewhere. Checks all values of a page at its first touch.
  [[nodiscard]] Status check_value(Bytes value, const ValueCheck& check) const;

  /// The bytes of a page of the space log, verified.
  [[nodiscard]] Result<Bytes> log_page(PageNo page, TxnId born) const;

  /// Tells the door that a page was just written from memory.
  void trust(PageNo page, TxnId born) const {
    if (check_ == Check::first_touch) tags_->pages.set_verified(page, born);
  }

  /// Has the system read a page that may not be in memory, and does not wait for it.
  void ask_for(PageRef ref) const;

  /// Asks the processor for the first lines of a page, which find() and a search in it would
  /// otherwise wait for one after the other. Where they are, for whoever will want more; null where
  /// there is no such page, as find() will say.
  const std::byte* prefetch(PageRef ref) const {
    const std::byte* const bytes = place_of(ref);
    if (bytes == nullptr) return nullptr;
    quire::prefetch(bytes, front_size);
    return bytes;
  }

  /// The same of what find() alone reads.
  void prefetch_header(PageRef ref) const {
    if (const std::byte* const bytes = place_of(ref)) quire::prefetch(bytes);
  }

 private:
  static constexpr std::size_t front_size = 6 * cache_line_size;

  [[nodiscard]] const std::byte* place_of(PageRef ref) const {
    if (ref.is_in_arena()) return arena_->bytes(ref);
    return ref.number() < page_count_ ? unchecked(ref.number()) : nullptr;
  }

  static bool is_as_expected(const std::byte* bytes, const Expected& expected) {
    const PageView view(bytes, 0);
    const bool is_kind =
        expected.level == 0 ? view.is_leaf() : view.is_branch() && view.level() == expected.level;
    return is_kind && view.table() == expected.table && view.born() <= expected.newest;
  }

  [[nodiscard]] bool verify(PageNo page, const std::byte* bytes) const;

  // In an order without gaps, in which compilers copy it in few pieces.
  const std::byte* map_;
  PageTags* tags_;
  FileSeed seed_;
  Check check_;
  const Arena* arena_;
  TxnId newest_;
  std::uint32_t page_size_;
  PageNo page_count_;
};

}  // namespace quire
