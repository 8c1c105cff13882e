// StorageChoices: what was said of how a storage is to be opened, for its backend to make sense of.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "quire/api/recreate.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Whose file the native backend opens.
enum class ChosenFile : std::uint8_t { of_system, in_memory, of_file_system };

/// What StorageBuilder's calls say, each described there. What is not said is empty, so that a
/// backend can refuse what it cannot honour and has defaults of its own.
struct StorageChoices {
  std::string path;
  ChosenFile file = ChosenFile::of_system;
  FileSystem* file_system = nullptr;  ///< not owned; where the file is of_file_system
  Access access = Access::read_write;
  bool any_file_system = false;
  bool poison_free_pages = false;
  std::optional<Create> create = {};
  std::optional<Sharing> sharing = {};
  std::optional<Durability> durability = {};
  std::optional<std::uint32_t> page_size = {};
  std::optional<BackgroundSync> background_sync = {};
  std::optional<std::uint64_t> sync_after = {};
  std::optional<std::uint64_t> memory_budget = {};
  std::optional<std::uint64_t> redo_log_size = {};
  std::optional<Verification> verification = {};
  std::optional<ReaderLimits> reader_limits = {};
  std::optional<std::uint64_t> map_reserve = {};
  std::optional<std::uint32_t> reader_slots = {};
  Recreate recreate = Recreate::never;
  ProgressHook progress = {};
  LogHook log = {};
  std::chrono::milliseconds long_wait{1000};

  [[nodiscard]] bool is_read_only() const { return access == Access::read_only; }
  [[nodiscard]] Create creation() const {
    return create.value_or(is_read_only() ? Create::never : Create::if_missing);
  }
};

/// Why these choices cannot be, whatever the backend; empty when they can.
[[nodiscard]] std::string contradiction(const StorageChoices& choices);

}  // namespace quire
