// make_room: lets a vector grow now, so that adding to it later cannot fail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace quire {

/// Room for so many more, made in steps that grow with what is there.
template <class T>
void make_room(std::vector<T>& items, std::size_t more) {
  const std::size_t needed = items.size() + more;
  if (needed > items.capacity()) items.reserve(std::max(needed, 2 * items.capacity()));
}

}  // namespace quire
