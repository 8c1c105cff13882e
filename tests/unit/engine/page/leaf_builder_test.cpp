// Leaves that are built of entries in rising order.
#include "quire/engine/page/leaf_builder.hpp"

#include <doctest/doctest.h>

#include "leaf_model.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/verify.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

/// Entries for a leaf and for some more.
LeafModel some_entries(Random& random, KeyFamily family, std::uint32_t page_size) {
  KeySource keys(random, family, page_size);
  ValueSource values(random, page_size);
  LeafModel entries;
  for (std::uint64_t size = 0; size < 3 * std::uint64_t{page_size};) {
    const std::string key = keys.next();
    const Stored stored = values.next(key.size());
    size += stored.bytes.size() + 8;
    entries.insert_or_assign(key, stored);
  }
  return entries;
}

// Laws: a leaf holds what was added to it and is sound; and an entry is refused only where the leaf
// has no room for it, however it is laid out.
void check_builder(Random& random, KeyFamily family, std::uint32_t page_size,
                   std::uint32_t alignment) {
  const LeafModel entries = some_entries(random, family, page_size);
  LeafBuilder builder(page_size, alignment);
  LeafModel added;
  PageBuffer page(page_size);
  for (const auto& [key, stored] : entries) {
    const bool is_short_cut = !stored.is_overflow && random.one_in(2) &&
                              builder.add_alike(as_bytes(key), as_bytes(stored.bytes));
    if (is_short_cut || builder.add(as_bytes(key), stored.value())) {
      added.emplace(key, stored);
      continue;
    }
    REQUIRE(builder.count() == added.size());
    builder.build(page.bytes());
    REQUIRE(!check_structure(page.bytes()));
    check_leaf_is(page, added);
    LeafSequence with_it{LeafView(page.bytes().data(), page_size)};
    const std::uint32_t count = builder.count();
    with_it.with_insert(count, as_bytes(key), stored.value());
    REQUIRE_FALSE(with_it.fits(0, count + 1));
    builder.clear();
    added.clear();
    REQUIRE(builder.add(as_bytes(key), stored.value()));
    added.emplace(key, stored);
  }
}

TEST_CASE("a built leaf is sound, holds what was added, and is full when it refuses") {
  for (const std::uint32_t page_size : page_sizes) {
    for (const std::uint32_t alignment : alignments) {
      for (const KeyFamily family : key_families) {
        CAPTURE(page_size);
        CAPTURE(alignment);
        CAPTURE(static_cast<int>(family));
        Random random(page_size + 8 * alignment + static_cast<std::uint32_t>(family));
        for (std::size_t round = 0; round < scaled(4); ++round)
          check_builder(random, family, page_size, alignment);
      }
    }
  }
}

}  // namespace
}  // namespace quire::test
