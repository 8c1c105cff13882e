// What a file may need at most, as docs/architecture.md says it.
#pragma once

#include <cstdint>

#include "quire/engine/database.hpp"

namespace quire::test {

/// How many pages the newest state needs: everything that its check books as in use.
inline std::uint64_t pages_in_use(const Database& database) {
  const CheckReport report = database.check().value();
  return report.tree_pages + report.overflow_pages + report.log_pages;
}

/// The most pages that a file needs whose states have so many pages each, of which so many are
/// pinned: each pinned state whole, the newest durable one, the newest, what one commit adds, the
/// log; and a free share of a third, beyond which the file does not grow.
constexpr std::uint64_t space_bound(std::uint64_t pages_of_state, std::uint64_t pinned_states) {
  return (pinned_states + 4) * pages_of_state * 3 / 2;
}

}  // namespace quire::test
