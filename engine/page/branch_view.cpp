#include "quire/engine/page/branch_view.hpp"

namespace quire {

/// Where heads alone may not decide: separators with the key's own head are compared to the end.
std::uint32_t BranchView::child_index_in_run(Bytes key, std::uint64_t head) const noexcept {
  const KeyRest wanted = rest_at(key, prefix_length());
  const Heads heads = this->heads();
  std::uint32_t first = heads.lower_bound(head, PrefetchChildren{page_ + arrays().children});
  if (first == heads.count() || heads[first] != head) return first;
  std::uint32_t last = heads.upper_bound(head);
  while (first < last) {
    const std::uint32_t middle = first + (last - first) / 2;
    if (compare(rest(middle), wanted) <= 0) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

/// Most branches have one such child among hundreds, so many are looked at at once.
std::uint32_t BranchView::next_in_arena(std::uint32_t from) const noexcept {
  constexpr std::uint32_t at_once = 16;
  const auto* const children = overlay<U32le>(page_ + arrays().children);
  const std::uint32_t end = count() + 1;
  for (; from + at_once <= end; from += at_once) {
    std::uint32_t all = 0;
    for (std::uint32_t i = 0; i < at_once; ++i) all |= children[from + i];
    if (PageRef::from_raw(all).is_in_arena()) break;
  }
  while (from < end && !PageRef::from_raw(children[from]).is_in_arena()) ++from;
  return from;
}

std::uint32_t BranchView::used_size() const noexcept {
  const std::uint32_t live = std::uint32_t{header().first} - header().second;
  return arrays().end - header_size + live;
}

}  // namespace quire
