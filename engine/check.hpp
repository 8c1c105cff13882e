// Check: accounts for every page of a file and tests every rule that the format states.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

struct Finding {
  enum class Severity : std::uint8_t {
    minor,       ///< space that is lost or bookkeeping that is off; no entry is in danger
    corruption,  ///< entries are lost, wrong or unreachable
  };
  Severity severity = Severity::corruption;
  PageNo page;  ///< none: not about one page
  TableId table;
  std::string text;  ///< one line for people
};

struct CheckReport {
  std::uint64_t tables = 0;
  std::uint64_t entries = 0;
  std::uint64_t tree_pages = 0;  ///< leaves and branches, catalog included
  std::uint64_t overflow_pages = 0;
  std::uint64_t log_pages = 0;
  std::uint64_t redo_pages = 0;   ///< of the redo log
  std::uint64_t free_pages = 0;   ///< also those that pins of this opening may still see
  std::vector<Finding> findings;  ///< at most a thousand
  std::uint64_t finding_count = 0;

  [[nodiscard]] bool is_clean() const { return finding_count == 0; }
  [[nodiscard]] bool has_corruption() const;
};

}  // namespace quire
