// The door: damage is noticed, and what is let in can be read and changed without harm.
#include "quire/engine/page/verify.hpp"

#include <doctest/doctest.h>

#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/page/seal.hpp"
#include "sample_pages.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr PageIdentity identity{{77}, {5}, {3}};
constexpr FileSeed seed{0x1234'5678'9abc'def0};

// ---- Damage to sealed pages

TEST_CASE("a sealed page is sound, and says who wrote it where") {
  Random random(1);
  for (const SampleKind kind : sample_kinds) {
    for (const std::uint32_t page_size : page_sizes) {
      PageBuffer page = sample_page(random, kind, page_size);
      seal_page(page.bytes(), identity, seed);
      CHECK_FALSE(check_page(page.bytes(), identity.number, seed));
      const PageView view(page.bytes().data(), page_size);
      CHECK(view.number() == identity.number);
      CHECK(view.born() == identity.born);
      CHECK(view.table() == identity.table);
    }
  }
}

TEST_CASE("every flipped bit of a sealed page is noticed") {
  Random random(2);
  for (const SampleKind kind : sample_kinds) {
    PageBuffer page = sample_page(random, kind, layout::min_page_size);
    seal_page(page.bytes(), identity, seed);
    for (std::size_t bit = 0; bit < 8 * std::size_t{page.size()}; ++bit) {
      const auto flip = std::byte{1} << (bit % 8);
      page.bytes()[bit / 8] ^= flip;
      CAPTURE(bit);
      REQUIRE(check_page(page.bytes(), identity.number, seed) == PageDefect::checksum);
      page.bytes()[bit / 8] ^= flip;
    }
    REQUIRE_FALSE(check_page(page.bytes(), identity.number, seed));
  }
}

TEST_CASE("flipped bits of a page of any size are noticed") {
  Random random(3);
  for (const std::uint32_t page_size : page_sizes) {
    PageBuffer page = sample_page(random, SampleKind::leaf, page_size);
    seal_page(page.bytes(), identity, seed);
    for (std::size_t round = 0; round < scaled(2000); ++round) {
      const std::uint32_t bit = random.below(8 * page_size);
      const auto flip = std::byte{1} << (bit % 8);
      page.bytes()[bit / 8] ^= flip;
      CAPTURE(bit);
      REQUIRE(check_page(page.bytes(), identity.number, seed) == PageDefect::checksum);
      page.bytes()[bit / 8] ^= flip;
    }
  }
}

TEST_CASE("a page is not taken for another's, nor for one of another file") {
  Random random(4);
  PageBuffer page = sample_page(random, SampleKind::leaf, layout::min_page_size);
  seal_page(page.bytes(), identity, seed);
  CHECK(check_page(page.bytes(), identity.number.after(1), seed));
  CHECK(check_page(page.bytes(), identity.number, {seed.value + 1}));
  const std::uint8_t one_file[16] = {1};
  const std::uint8_t other_file[16] = {2};
  CHECK(file_seed(one_file).value != file_seed(other_file).value);
}

// Law: the number in a page is compared with its place, though the checksum's seed has it, too.
TEST_CASE("a page that was sealed for one place and says another is noticed") {
  Random random(5);
  PageBuffer page = sample_page(random, SampleKind::leaf, layout::min_page_size);
  const PageNo elsewhere = identity.number.after(1);
  const FileSeed shifted{seed.value ^ identity.number.value ^ elsewhere.value};
  seal_page(page.bytes(), identity, seed);
  CHECK(check_page(page.bytes(), elsewhere, shifted) == PageDefect::number);
}

// ---- Pages that somebody made up

/// Where a small change does the most: the header, the arrays, an entry's lengths, or anywhere.
std::uint32_t place_to_change(Random& random, const PageBuffer& page) {
  const PageView view(page.bytes().data(), page.size());
  const std::uint32_t prefix_length = view.header().prefix_length;
  const std::uint32_t count = view.header().entry_count;
  const std::uint32_t arrays_end =
      std::min(page.size() - 8, heads_end(prefix_length, count) + 12 * count);
  switch (random.below(4)) {
    case 0: return 14 + random.below(header_size - 14);
    case 1: return random.below(arrays_end);
    case 2: return page.size() - 8 - random.below(std::min<std::size_t>(page.size() - 8, 300));
    default: return random.below(page.size() - 8);
  }
}

void change_something(Random& random, PageBuffer& page) {
  std::byte* const at = page.bytes().data() + place_to_change(random, page);
  U16le& number = *overlay<U16le>(at);
  switch (random.below(6)) {
    case 0: *at = static_cast<std::byte>(random.below(256)); break;
    case 1: *at ^= std::byte{1} << random.below(8); break;
    case 2: number = static_cast<std::uint16_t>(random.number()); break;
    case 3: number = static_cast<std::uint16_t>(number + random.below(17) - 8); break;
    case 4: number = static_cast<std::uint16_t>(page.size() - random.below(80)); break;
    case 5: *overlay<U64le>(at) = random.one_in(2) ? 0 : ~std::uint64_t{0}; break;
  }
}

/// Looks at every byte, so that a sanitizer hears of those that are not the page's.
std::uint64_t touch(Bytes bytes) {
  std::uint64_t sum = 0;
  for (const std::byte byte : bytes) sum += static_cast<std::uint8_t>(byte);
  return sum;
}

/// Law: the parts of a page that was let in lie in the page.
void require_inside(Bytes part, const PageBuffer& page) {
  const Bytes whole = page.bytes();
  REQUIRE((part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size())));
  static_cast<void>(touch(part));
}

void read_leaf(const PageBuffer& page) {
  const LeafView leaf(page.bytes().data(), page.size());
  const LeafEntries entries(leaf);
  require_inside(leaf.prefix(), page);
  KeyBuffer buffer;
  LeafReader reader;
  reader.enter(leaf);
  std::string before;
  for (std::uint32_t i = 0; i < leaf.count(); ++i) {
    const LeafValue value = leaf.value(i);
    require_inside(value.bytes, page);
    require_inside(leaf.rest(i).tail, page);
    if (!leaf.is_rows()) require_inside(entries.footprint(i, leaf.alignment()).bytes, page);
    REQUIRE((value.bytes.empty() || is_aligned(value.bytes, leaf.alignment())));
    const std::string key(as_text(leaf.key(i, buffer)));
    REQUIRE(key.size() <= layout::max_key_size(page.size()));
    REQUIRE(as_text(reader.key(i)) == key);
    const KeyEnd end = reader.key_end(i);
    if (end.size > end.front.size()) require_inside({end.tail, end.readable}, page);
    REQUIRE(end.kept + end.size == key.size());
    if (reader.has_rows_of(key.size(), leaf.alignment())) {
      require_inside(reader.row_value(i), page);
      REQUIRE(equal(reader.row_value(i), value.bytes));
      REQUIRE(reader.row_key_end(i, key.size()).front == end.front);
    }
    REQUIRE((i == 0 || before < key));
    const Position found = leaf.find(as_bytes(key));
    REQUIRE((found.found && found.index == i));
    before = key;
  }
}

void read_branch(const PageBuffer& page) {
  const BranchView branch(page.bytes().data(), page.size());
  require_inside(branch.prefix(), page);
  KeyBuffer buffer;
  std::string before;
  for (std::uint32_t i = 0; i <= branch.count(); ++i) {
    REQUIRE_FALSE(branch.child(i).is_none());
    REQUIRE_FALSE(branch.child(i).is_in_arena());
    REQUIRE((branch.entries(i) >> txn_bits) == 0);
    if (i == branch.count()) break;
    require_inside(branch.rest(i).tail, page);
    const std::string separator(as_text(branch.separator(i, buffer)));
    REQUIRE(separator.size() <= layout::max_key_size(page.size()));
    REQUIRE((i == 0 || before < separator));
    REQUIRE(branch.child_index(as_bytes(separator)) == i + 1);
    before = separator;
  }
}

/// Editors audit the page after each edit, and abort where it is no longer sound.
void edit_leaf(PageBuffer page, Random& random) {
  LeafEditor editor(page.bytes());
  KeySource keys(random, key_families[random.below(key_families.size())], page.size());
  ValueSource values(random, page.size());
  for (int i = 0; i < 12; ++i) {
    const std::uint32_t count = editor.view().count();
    const std::string key = keys.next();
    const Stored stored = values.next(key.size());
    const Position place = editor.view().find(as_bytes(key));
    if (!place.found) {
      LeafSequence content(editor.view());
      content.with_insert(place.index, as_bytes(key), stored.value());
      if (const auto cut = content.split_point(Fill::even)) {
        PageBuffer target(page.size());
        content.build(0, *cut, target.bytes());
        REQUIRE_FALSE(check_body(target.bytes()));
      }
      std::ignore = editor.insert(place.index, as_bytes(key), stored.value());
    } else {
      std::ignore = editor.replace(place.index, stored.value());
    }
    if (count > 0 && random.one_in(2)) editor.erase(random.below(count));
    const std::optional<PageDefect> defect = check_body(page.bytes());
    REQUIRE(!defect);
  }
  read_leaf(page);
}

void edit_branch(PageBuffer page, Random& random) {
  BranchEditor editor(page.bytes());
  KeySource keys(random, key_families[random.below(key_families.size())], page.size());
  for (int i = 0; i < 12; ++i) {
    const std::uint32_t count = editor.view().count();
    const std::string key = keys.next();
    const std::uint32_t index = editor.view().child_index(as_bytes(key));
    KeyBuffer buffer;
    if (index == 0 || as_text(editor.view().separator(index - 1, buffer)) != key) {
      const Child right = random_child(random);
      BranchSequence content(editor.view());
      content.with_insert(index, as_bytes(key), right);
      if (const auto split = content.split_point(Fill::even)) {
        PageBuffer target(page.size());
        content.build(0, *split, target.bytes(), 1);
        REQUIRE_FALSE(check_body(target.bytes()));
      }
      std::ignore = editor.insert(index, as_bytes(key), right);
    }
    if (count > 0 && random.one_in(2)) editor.erase_child(random.below(count + 1));
    const std::optional<PageDefect> defect = check_body(page.bytes());
    REQUIRE(!defect);
  }
  read_branch(page);
}

void use(const PageBuffer& page, Random& random) {
  if (PageView(page.bytes().data(), page.size()).is_leaf()) {
    read_leaf(page);
    edit_leaf(page, random);
  } else {
    read_branch(page);
    edit_branch(page, random);
  }
}

/// Changes a sound page bit by bit until the door notices; before, all of it can be used.
/// Returns how often a changed page was let in.
std::size_t change_until_noticed(Random& random, PageBuffer page) {
  for (std::size_t let_in = 0; let_in < 40; ++let_in) {
    change_something(random, page);
    if (check_structure(page.bytes())) return let_in;
    use(page, random);
  }
  return 40;
}

// Law: whatever the bytes are, a page that the check finds nothing wrong with can be read and
// changed by everything in the folder, stays in its bounds, and has keys that rise.
TEST_CASE("a made-up page is either noticed or harmless") {
  for (const SampleKind kind : sample_kinds) {
    std::size_t let_in = 0;
    for (std::uint64_t round = 0; round < scaled(3000); ++round) {
      CAPTURE(round);
      CAPTURE(static_cast<int>(kind));
      Random random(round * sample_kinds.size() + static_cast<std::uint64_t>(kind));
      let_in += change_until_noticed(random, sample_page(random, kind, layout::min_page_size));
    }
    // Otherwise the changes were so coarse that nothing was tried.
    CHECK(let_in > 0);
  }
}

TEST_CASE("a made-up page of any size is either noticed or harmless") {
  for (const std::uint32_t page_size : page_sizes) {
    for (std::uint64_t round = 0; round < scaled(200); ++round) {
      CAPTURE(round);
      CAPTURE(page_size);
      Random random(round);
      const SampleKind kind = sample_kinds[round % sample_kinds.size()];
      std::ignore = change_until_noticed(random, sample_page(random, kind, page_size));
    }
  }
}

TEST_CASE("a page of noise is either noticed or harmless") {
  for (std::uint64_t round = 0; round < scaled(20'000); ++round) {
    CAPTURE(round);
    Random random(round);
    PageBuffer page(layout::min_page_size);
    copy_bytes(page.bytes().data(), as_bytes(random.bytes(header_size + 40)));
    auto& header = *overlay<layout::PageHeader>(page.bytes().data());
    header.type = static_cast<std::uint8_t>(random.below(6));
    if (random.one_in(2)) header.prefix_length = static_cast<std::uint16_t>(random.below(40));
    if (random.one_in(2)) header.entry_count = static_cast<std::uint16_t>(random.below(500));
    if (random.one_in(2)) header.second = header.first;
    if (!check_structure(page.bytes())) use(page, random);
  }
}

// The heap of a leaf whose values are aligned is a multiple of the alignment: new entries are put
// in below it.
TEST_CASE("a leaf whose heap is not aligned is noticed") {
  PageBuffer page(layout::min_page_size);
  LeafEditor editor(page.bytes());
  LeafEditor::format(page.bytes(), 16);
  REQUIRE(editor.insert(0, as_bytes("a"), {as_bytes("1"), false}));
  REQUIRE(editor.insert(1, as_bytes("longer key"), {as_bytes("1"), false}));
  REQUIRE_FALSE(check_structure(page.bytes()));
  auto& header = *overlay<layout::PageHeader>(page.bytes().data());
  header.first = static_cast<std::uint16_t>(header.first + 3);
  header.second = static_cast<std::uint16_t>(header.second + 3);
  CHECK(check_structure(page.bytes()) == PageDefect::heap);
}

TEST_CASE("every defect has a name of its own") {
  std::vector<std::string_view> names;
  for (auto defect = PageDefect{}; name(defect) != "unknown defect";
       defect = static_cast<PageDefect>(static_cast<int>(defect) + 1)) {
    names.push_back(name(defect));
  }
  CHECK(names.size() == static_cast<std::size_t>(PageDefect::length) + 1);
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}

}  // namespace
}  // namespace quire::test
