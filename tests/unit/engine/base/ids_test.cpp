#include "quire/engine/base/ids.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <type_traits>

namespace quire {
namespace {

// A number of one kind is never taken for one of another, nor for a bare integer.
static_assert(!std::is_convertible_v<PageNo, TxnId> && !std::is_convertible_v<TxnId, PageNo>);
static_assert(!std::is_convertible_v<PageNo, TableId> && !std::is_convertible_v<TableId, PageNo>);
static_assert(!std::is_convertible_v<std::uint32_t, PageNo>);
static_assert(!std::is_convertible_v<PageNo, std::uint32_t>);
static_assert(sizeof(PageNo) == 4 && sizeof(TableId) == 4 && sizeof(TxnId) == 8);

TEST_CASE("transactions are ordered by age") {
  CHECK((no_txn < TxnId{1}));
  CHECK((TxnId{1}.next() == TxnId{2}));
  CHECK((TxnId{}.next() > no_txn));
}

TEST_CASE("pages are ordered by place") {
  CHECK((PageNo{}.after(0) == no_page));
  CHECK((PageNo{16}.after(4) == PageNo{20}));
  CHECK((PageNo{16} < PageNo{16}.after(1)));
}

// Law: a reference is exactly one of none, a page of the file, a dirty page.
TEST_CASE("a page reference is none, in the file, or dirty") {
  CHECK(PageRef().is_none());
  CHECK_FALSE(PageRef().is_in_arena());
  CHECK((PageRef(no_page) == PageRef()));

  for (const std::uint32_t number : {1U, 16U, PageRef::arena_bit - 1}) {
    const PageRef in_file = PageNo{number};
    CHECK_FALSE(in_file.is_none());
    CHECK_FALSE(in_file.is_in_arena());
    CHECK((in_file.number() == PageNo{number}));
  }
  for (const std::uint32_t index : {0U, 1U, PageRef::arena_bit - 1}) {
    const PageRef dirty = PageRef::in_arena(index);
    CHECK_FALSE(dirty.is_none());
    CHECK(dirty.is_in_arena());
    CHECK(dirty.arena_index() == index);
  }
}

TEST_CASE("a page reference survives as a raw child field") {
  for (const PageRef ref : {PageRef(), PageRef(PageNo{7}), PageRef::in_arena(7)}) {
    CHECK((PageRef::from_raw(ref.raw()) == ref));
  }
  CHECK(PageRef(PageNo{7}).raw() != PageRef::in_arena(7).raw());
}

TEST_CASE("page numbers leave the top bit free") {
  CHECK(max_page_count == std::uint64_t{1} << 31);
  CHECK(txn_bits == 48);
}

}  // namespace
}  // namespace quire
