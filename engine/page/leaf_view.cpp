#include "quire/engine/page/leaf_view.hpp"

namespace quire {

Position LeafView::find_in_run(Bytes key, std::uint32_t first) const noexcept {
  const std::uint32_t prefix_size = prefix_length();
  const KeyRest wanted = rest_at(key, prefix_size);
  std::uint32_t last = heads().upper_bound(head_at(key, prefix_size));
  while (first < last) {
    const std::uint32_t middle = first + (last - first) / 2;
    const auto order = compare(rest(middle), wanted);
    if (order == 0) return {middle, true};
    if (order < 0) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return {first, false};
}

std::uint32_t LeafView::used_size() const noexcept {
  if (is_rows()) return heads_end(prefix_length(), count()) - header_size + count() * stride();
  const std::uint32_t live = std::uint32_t{header().first} - header().second;
  return slots_end(prefix_length(), count()) - header_size + live;
}

}  // namespace quire
