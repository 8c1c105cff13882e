// PageAccounts: who has which page, when every page must have exactly one owner.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "quire/engine/space/extent.hpp"

namespace quire {

enum class PageUse : std::uint8_t { nobody, tree, overflow, log, redo, free };

/// Not thread-safe.
class PageAccounts {
 public:
  /// Pages from first to page_count; those before belong to the meta slots.
  /// The listener, if any, hears now and then how many are booked.
  PageAccounts(PageNo first, PageNo page_count, std::function<void(std::uint64_t)> listener = {})
      : first_(first), uses_(page_count.value), listener_(std::move(listener)) {}

  /// Books the pages; when one has another use already (or lies outside), that page and its use,
  /// and nothing is booked.
  struct Conflict {
    PageNo page;
    PageUse use;  ///< nobody: outside the file
  };
  std::optional<Conflict> claim(Extent extent, PageUse use) {
    for (PageNo page = extent.first; page < extent.end(); page = page.after(1)) {
      if (page < first_ || page.value >= uses_.size()) return Conflict{page, PageUse::nobody};
      if (uses_[page.value] != PageUse::nobody) return Conflict{page, uses_[page.value]};
    }
    for (PageNo page = extent.first; page < extent.end(); page = page.after(1))
      uses_[page.value] = use;
    note_booked(extent.count);
    return std::nullopt;
  }

  /// Runs of pages that nobody has.
  [[nodiscard]] std::vector<Extent> unclaimed() const {
    std::vector<Extent> lost;
    for (std::uint32_t page = first_.value; page < uses_.size(); ++page) {
      if (uses_[page] != PageUse::nobody) continue;
      if (!lost.empty() && lost.back().end().value == page)
        ++lost.back().count;
      else
        lost.push_back({{page}, 1});
    }
    return lost;
  }

 private:
  static constexpr std::uint64_t heard_after = 4096;

  void note_booked(std::uint64_t count) {
    const std::uint64_t before = std::exchange(booked_, booked_ + count);
    if (listener_ && before / heard_after != booked_ / heard_after) listener_(booked_);
  }

  PageNo first_;
  std::vector<PageUse> uses_;  ///< by page number
  std::uint64_t booked_ = 0;
  std::function<void(std::uint64_t)> listener_;
};

}  // namespace quire
