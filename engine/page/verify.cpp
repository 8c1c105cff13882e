#include "quire/engine/page/verify.hpp"

#include <array>

#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/overflow.hpp"

namespace quire {

namespace {

using Verdict = std::optional<PageDefect>;

/// Which bytes of a heap belong to an entry, so that no byte comes to belong to two.
class Coverage {
 public:
  explicit Coverage(std::uint32_t page_size) noexcept {
    std::memset(words_.data(), 0, page_size / 8);
  }

  /// Takes the bytes [begin, end); false where one is taken already.
  [[nodiscard]] bool take(std::uint32_t begin, std::uint32_t end) noexcept {
    if (begin == end) return true;
    const std::uint32_t first = begin / 64;
    const std::uint32_t last = (end - 1) / 64;
    const std::uint64_t from_begin = ~std::uint64_t{0} << (begin % 64);
    const std::uint64_t to_end = ~std::uint64_t{0} >> (63 - (end - 1) % 64);
    if (first == last) return take_word(first, from_begin & to_end);
    std::uint64_t taken = words_[first] & from_begin;
    words_[first] |= from_begin;
    for (std::uint32_t i = first + 1; i < last; ++i) {
      taken |= words_[i];
      words_[i] = ~std::uint64_t{0};
    }
    return take_word(last, to_end) && taken == 0;
  }

 private:
  bool take_word(std::uint32_t index, std::uint64_t mask) noexcept {
    const bool free = (words_[index] & mask) == 0;
    words_[index] |= mask;
    return free;
  }

  std::array<std::uint64_t, layout::max_page_size / 64> words_;
};

// ---- What all types share

bool samples_hold(const std::byte* page, std::uint32_t prefix_length, const Heads& heads) noexcept {
  const U64le* const samples = overlay<U64le>(page + samples_offset(prefix_length));
  for (std::uint32_t i = 0; i < sample_count(heads.count()); ++i) {
    if (samples[i] != heads[i * layout::sample_stride + layout::sample_stride - 1]) return false;
  }
  return true;
}

/// Whether a head has zeros where the key has ended.
bool is_padded(std::uint64_t head, std::uint32_t remaining) noexcept {
  return remaining >= layout::head_size || spelled_size(head) <= remaining;
}

/// Needs lengths that have been checked.
template <class View>
bool keys_rise(const View& view) noexcept {
  const Heads heads = view.heads();
  for (std::uint32_t i = 1; i < heads.count(); ++i) {
    if (heads[i - 1] < heads[i]) continue;
    if (heads[i - 1] > heads[i] || compare(view.rest(i - 1), view.rest(i)) >= 0) return false;
  }
  return true;
}

/// Whether the heap, with what is dead in it, leaves room for arrays that end there.
bool heap_holds(const layout::PageHeader& header, std::uint64_t arrays_end,
                std::uint32_t page_size) noexcept {
  return header.second <= header.first && arrays_end + header.first <= page_size;
}

// ---- Leaves

bool is_reference(const std::byte* bytes) noexcept {
  const auto& reference = *overlay<layout::OverflowReference>(bytes);
  return reference.first_page != 0 && reference.first_page < max_page_count &&
         reference.reserved == 0 && reference.length > 0 &&
         reference.length <= layout::max_value_size;
}

/// One entry of a general leaf: all that is in it lies in the heap, and nothing else lies there.
/// Adds its footprint to live.
Verdict check_entry(const LeafView& leaf, const std::byte* page, std::uint32_t index,
                    Coverage& coverage, std::uint32_t& live) noexcept {
  const std::uint32_t page_size = leaf.page_size();
  const std::uint32_t alignment = leaf.alignment();
  const std::uint32_t offset = leaf.entry_offset(index);
  const std::uint32_t heap_begin = page_size - leaf.header().first;
  if (offset < heap_begin || offset + leaf_entry_header_size > page_size) return PageDefect::entry;
  const EntrySizes sizes = leaf.sizes(index);
  const std::uint32_t remaining = sizes.key - leaf.prefix_length();
  const std::uint32_t tail = tail_size(remaining);
  const std::uint32_t value_offset = offset + leaf_entry_header_size + tail;
  const std::uint32_t begin = round_down(offset, alignment);
  const std::uint32_t end = value_offset + round_up(sizes.value, alignment);
  if (begin < heap_begin || end > page_size || value_offset % alignment != 0 ||
      sizes.key > layout::max_key_size(page_size)) {
    return PageDefect::entry;
  }
  if (sizes.is_overflow) {
    if (sizes.value != overflow_reference_size) return PageDefect::entry;
    if (!is_reference(page + value_offset)) return PageDefect::reference;
  } else if (sizes.key + sizes.value > layout::max_inline_size(page_size)) {
    return PageDefect::entry;
  }
  if (!is_padded(leaf.heads()[index], remaining)) return PageDefect::order;
  if (!coverage.take(begin, end)) return PageDefect::heap;
  live += end - begin;
  return std::nullopt;
}

Verdict check_general(const LeafView& leaf, const std::byte* page) noexcept {
  const layout::PageHeader& header = leaf.header();
  const std::uint32_t count = leaf.count();
  if (!heap_holds(header, slots_end(leaf.prefix_length(), count), leaf.page_size())) {
    return PageDefect::arrays;
  }
  // New entries are put in below the heap.
  if (header.first % leaf.alignment() != 0) return PageDefect::heap;
  Coverage coverage(leaf.page_size());
  std::uint32_t live = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const Verdict defect = check_entry(leaf, page, i, coverage, live)) return defect;
  }
  if (live + header.second != header.first) return PageDefect::heap;
  return std::nullopt;
}

Verdict check_rows(const LeafView& leaf) noexcept {
  const std::uint32_t key_length = leaf.row_key_length();
  if (key_length < leaf.prefix_length() ||
      key_length + leaf.row_value_length() > layout::max_inline_size(leaf.page_size())) {
    return PageDefect::entry;
  }
  const std::uint64_t rows_size = std::uint64_t{leaf.count()} * leaf.stride();
  if (heads_end(leaf.prefix_length(), leaf.count()) + rows_size > leaf.page_size()) {
    return PageDefect::arrays;
  }
  std::uint64_t all_heads = 0;
  for (std::uint32_t i = 0; i < leaf.count(); ++i) all_heads |= leaf.heads()[i];
  if (!is_padded(all_heads, key_length - leaf.prefix_length())) return PageDefect::order;
  return std::nullopt;
}

Verdict check_leaf(Bytes page) noexcept {
  const LeafView leaf(page.data(), static_cast<std::uint32_t>(page.size()));
  if ((leaf.header().flags & ~layout::leaf_alignment_mask) != 0 ||
      leaf.alignment() > layout::max_value_alignment) {
    return PageDefect::flags;
  }
  if (leaf.prefix_length() > layout::max_key_size(leaf.page_size())) return PageDefect::prefix;
  const Verdict entries = leaf.is_rows() ? check_rows(leaf) : check_general(leaf, page.data());
  if (entries) return entries;
  if (!samples_hold(page.data(), leaf.prefix_length(), leaf.heads())) return PageDefect::samples;
  if (!keys_rise(leaf)) return PageDefect::order;
  return std::nullopt;
}

// ---- Branches

/// One separator that its head does not spell.
Verdict check_separator(const BranchView& branch, std::uint32_t index, const std::byte* page,
                        Coverage& coverage, std::uint32_t& live) noexcept {
  const std::uint32_t page_size = branch.page_size();
  const std::uint32_t offset = branch.entry_offset(index);
  const std::uint32_t heap_begin = page_size - branch.header().first;
  if (offset < heap_begin || offset + branch_entry_header_size > page_size) {
    return PageDefect::entry;
  }
  const std::uint32_t remaining = overlay<layout::BranchEntryHeader>(page + offset)->remaining_key;
  const std::uint32_t end = offset + branch_footprint(remaining);
  if (end > page_size || branch.prefix_length() + remaining > layout::max_key_size(page_size)) {
    return PageDefect::entry;
  }
  if (!is_padded(branch.heads()[index], remaining)) return PageDefect::order;
  if (!coverage.take(offset, end)) return PageDefect::heap;
  live += end - offset;
  return std::nullopt;
}

Verdict check_separators(const BranchView& branch, const std::byte* page) noexcept {
  const std::uint32_t longest = layout::max_key_size(branch.page_size()) - branch.prefix_length();
  Coverage coverage(branch.page_size());
  std::uint32_t live = 0;
  for (std::uint32_t i = 0; i < branch.count(); ++i) {
    if (branch.entry_offset(i) == 0) {
      if (spelled_size(branch.heads()[i]) > longest) return PageDefect::entry;
    } else if (const Verdict defect = check_separator(branch, i, page, coverage, live)) {
      return defect;
    }
  }
  if (live + branch.header().second != branch.header().first) return PageDefect::heap;
  return std::nullopt;
}

Verdict check_branch(Bytes page) noexcept {
  const BranchView branch(page.data(), static_cast<std::uint32_t>(page.size()));
  constexpr std::uint8_t known_flags = layout::branch_level_mask | layout::branch_pure;
  if ((branch.header().flags & ~known_flags) != 0 || branch.level() == 0 ||
      branch.level() > max_level) {
    return PageDefect::flags;
  }
  if (branch.prefix_length() > layout::max_key_size(branch.page_size())) return PageDefect::prefix;
  if (!heap_holds(branch.header(), branch.arrays().end, branch.page_size())) {
    return PageDefect::arrays;
  }
  if (const Verdict defect = check_separators(branch, page.data())) return defect;
  if (!samples_hold(page.data(), branch.prefix_length(), branch.heads())) {
    return PageDefect::samples;
  }
  if (!keys_rise(branch)) return PageDefect::order;
  return std::nullopt;
}

/// Whether every child is a page that a file can have.
bool children_are_pages(Bytes page) noexcept {
  const BranchView branch(page.data(), static_cast<std::uint32_t>(page.size()));
  for (std::uint32_t i = 0; i <= branch.count(); ++i) {
    if (branch.child(i).is_none() || branch.child(i).is_in_arena()) return false;
  }
  return true;
}

}  // namespace

// ---- The door

Verdict check_body(Bytes page) noexcept {
  switch (layout::PageType{overlay<layout::PageHeader>(page.data())->type}) {
    case layout::PageType::leaf:
    case layout::PageType::rows: return check_leaf(page);
    case layout::PageType::branch: return check_branch(page);
    default: return PageDefect::type;
  }
}

Verdict check_structure(Bytes page) noexcept {
  if (const Verdict defect = check_body(page)) return defect;
  const PageView view(page.data(), static_cast<std::uint32_t>(page.size()));
  if (view.is_branch() && !children_are_pages(page)) return PageDefect::child;
  return std::nullopt;
}

Verdict check_page(Bytes page, PageNo expected, FileSeed seed) noexcept {
  if (!page_checksum_holds(page, expected, seed)) return PageDefect::checksum;
  const PageView view(page.data(), static_cast<std::uint32_t>(page.size()));
  if (view.number() != expected) return PageDefect::number;
  // Whoever enters a leaf of the file may count on a first and a last entry.
  if (view.is_leaf() && LeafView(view).count() == 0) return PageDefect::empty;
  return check_structure(page);
}

Verdict check_overflow_run(Bytes run, PageNo expected, FileSeed seed, std::uint64_t expected_length,
                           Announce announce) noexcept {
  if (run.size() < overflow_header_size) return PageDefect::length;
  const auto& header = *overlay<layout::OverflowHeader>(run.data());
  const auto& page = header.page;
  if (page.type != static_cast<std::uint8_t>(layout::PageType::overflow)) return PageDefect::type;
  if (header.value_length != expected_length ||
      expected_length > run.size() - overflow_header_size) {
    return PageDefect::length;
  }
  const auto size = static_cast<std::size_t>(overflow_header_size + expected_length);
  if (!overflow_checksum_holds(run.first(size), expected, seed, announce))
    return PageDefect::checksum;
  if (page.number != expected.value) return PageDefect::number;
  const bool reserved_is_zero = page.flags == 0 && page.entry_count == 0 &&
                                page.prefix_length == 0 && page.first == 0 && page.second == 0;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (!reserved_is_zero || !std::ranges::all_of(header.reserved, is_zero)) return PageDefect::flags;
  return std::nullopt;
}

std::string_view name(PageDefect defect) noexcept {
  switch (defect) {
    case PageDefect::checksum: return "the checksum does not hold";
    case PageDefect::number: return "the page belongs elsewhere";
    case PageDefect::type: return "the type is not a tree page's";
    case PageDefect::flags: return "a flag or reserved field is not legal";
    case PageDefect::prefix: return "the prefix is longer than a key";
    case PageDefect::empty: return "a leaf has no entry";
    case PageDefect::arrays: return "the arrays do not fit the page";
    case PageDefect::samples: return "a sample differs from its head";
    case PageDefect::entry: return "an entry is not legal";
    case PageDefect::heap: return "entries overlap or do not add up";
    case PageDefect::order: return "keys do not rise";
    case PageDefect::reference: return "a reference to a large value is not legal";
    case PageDefect::child: return "a child is not a page of the file";
    case PageDefect::length: return "the run is not as long as its value";
  }
  return "unknown defect";
}

}  // namespace quire
