#include "quire/engine/tree/pages_ahead.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "unit/engine/tree/tree_world.hpp"

namespace quire::test {
namespace {

/// A cursor that goes through all of a tree, and what it was told of before.
class Walk {
 public:
  Walk(const TreeWorld& world, PagesAhead::Way way, std::uint32_t leaf_count)
      : cursor_(world.pages(), world.root()), way_(way), ahead_(way, leaf_count) {}

  void run() {
    auto moved = way_ == PagesAhead::Way::up ? cursor_.seek_first() : cursor_.seek_last();
    while (moved.value()) {
      arrive();
      ahead_.look(cursor_, [&](Bytes pages) { tell(pages); });
      moved = way_ == PagesAhead::Way::up ? cursor_.next() : cursor_.previous();
    }
  }

  std::size_t leaves = 0;
  std::size_t unforeseen_leaves = 0;
  std::size_t unforeseen_values = 0;
  std::size_t told_again = 0;

 private:
  void tell(Bytes pages) {
    const std::size_t page_size = cursor_.pages().page_size();
    REQUIRE(pages.size() % page_size == 0);
    for (std::size_t at = 0; at < pages.size(); at += page_size)
      if (!told_.insert(&pages[at]).second) ++told_again;
  }
  void arrive() {
    const Cursor::Step& step = cursor_.step_at(1);
    const Bytes value = cursor_.value().value();
    if (value.size() > cursor_.pages().page_size() && !was_told(value.data())) ++unforeseen_values;
    const std::byte* const leaf = cursor_.pages().unchecked(
        BranchView(step.branch, cursor_.pages().page_size()).child(step.child).number());
    if (leaf == leaf_) return;
    leaf_ = leaf;
    ++leaves;
    if (!was_told(leaf)) ++unforeseen_leaves;
  }
  [[nodiscard]] bool was_told(const std::byte* byte) const {
    const auto next = told_.upper_bound(byte);
    return next != told_.begin() && *std::prev(next) + cursor_.pages().page_size() > byte;
  }

  Cursor cursor_;
  PagesAhead::Way way_;
  PagesAhead ahead_;
  std::set<const std::byte*> told_;
  const std::byte* leaf_ = nullptr;
};

void put_many(TreeWorld& world, std::uint32_t count) {
  for (std::uint32_t number = 0; number < count; ++number) {
    const std::string digits = std::to_string(1'000'000 + number * 7919 % count);
    const std::string value(number % 100 == 0 ? 10'000 : 100, 'x');
    static_cast<void>(world.put(as_bytes(digits), as_bytes(value), PutMode::upsert));
  }
  world.commit();
}

// Law: a cursor comes to no page that it was not told of, but for the first leaf under each branch
// and large values that are the first or last of their leaf; and it is told of each once.
TEST_CASE("pages are told of before the cursor comes to them, and once") {
  TreeWorld world(4096, 0);
  put_many(world, 20'000);
  REQUIRE(world.root().level >= 2);
  for (const auto way : {PagesAhead::Way::up, PagesAhead::Way::down}) {
    for (const std::uint32_t count : {1U, 2U, 16U, 10'000U}) {
      CAPTURE(count);
      Walk walk(world, way, count);
      walk.run();
      CHECK(walk.leaves > 500);
      CHECK(walk.unforeseen_leaves < walk.leaves / 50);
      CHECK(walk.unforeseen_values < 200 / 4);
      CHECK(walk.told_again == 0);
    }
  }
}

TEST_CASE("of no leaf nothing is told") {
  TreeWorld world(4096, 0);
  put_many(world, 10);
  PagesAhead ahead(PagesAhead::Way::up, 0);
  Cursor cursor(world.pages(), world.root());
  REQUIRE(cursor.seek_first().value());
  std::size_t calls = 0;
  while (cursor.next().value()) ahead.look(cursor, [&](Bytes) { ++calls; });
  CHECK(calls == 0);
}

/// What was announced last.
Bytes heard;

TEST_CASE("a page that is asked for is announced, where it lies in the file") {
  const std::vector<std::byte> map(std::size_t{8} * layout::min_page_size);
  PageTags tags(8, [](Bytes bytes) noexcept { heard = bytes; });
  const Pages file(map, layout::min_page_size, {}, Pages::Check::first_touch, &tags, nullptr);
  const Pages pages = file.at({6}, {1});
  pages.ask_for(PageRef(PageNo{5}));
  CHECK(heard.data() == &map[std::size_t{5} * layout::min_page_size]);
  CHECK(heard.size() == layout::min_page_size);
  heard = {};
  pages.ask_for(PageRef(PageNo{6}));
  CHECK(heard.empty());
}

}  // namespace
}  // namespace quire::test
