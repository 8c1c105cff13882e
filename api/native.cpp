#include "quire/api/native.hpp"

#include <bit>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace quire {
namespace {

bool is_resident(const StorageChoices& choices) {
  return choices.durability == Durability::resident;
}

/// Why the native backend cannot honour these choices; empty when it can.
std::string native_contradiction(const StorageChoices& choices) {
  const bool is_in_memory = choices.file == ChosenFile::in_memory;
  if (is_in_memory && choices.creation() == Create::never) {
    return "a storage in memory is made each time: open it for writing and allow creation";
  }
  if (is_in_memory && choices.sharing == Sharing::shared) {
    return "a storage in memory is that of one process: leave out Sharing::shared";
  }
  if (is_resident(choices) && choices.sharing == Sharing::shared) {
    return "resident commits are seen by one process alone: leave out Sharing::shared or commit "
           "with Durability::buffered";
  }
  if (choices.redo_log_size.value_or(0) != 0 && choices.sharing == Sharing::shared) {
    return "what is in a redo log only is seen by one process alone: leave out Sharing::shared or "
           "the redo log";
  }
  return {};
}

std::string page_size_contradiction(const StorageChoices& choices) {
  if (!choices.page_size) return {};
  const std::uint32_t page_size = *choices.page_size;
  if (choices.creation() == Create::never) {
    return "a page size is chosen when a storage is created, and this one must be there already: "
           "leave it out or allow creation";
  }
  if (!std::has_single_bit(page_size) || page_size < 4096 || page_size > 65536) {
    return "a page size is a power of two from 4096 to 65536, and not " + std::to_string(page_size);
  }
  return {};
}

/// What was chosen, and the defaults of storages where they are not the engine's own.
Options native_options(const StorageChoices& choices) {
  Options options{
      .background_sync = {.interval = std::chrono::seconds(1), .size = std::uint64_t{64} << 20}};
  const auto take = [](auto& option, const auto& choice) {
    if (choice) option = *choice;
  };
  options.access = choices.access;
  options.any_file_system = choices.any_file_system;
  options.poison_free_pages = choices.poison_free_pages;
  options.create = choices.creation();
  const bool is_for_one = is_resident(choices) || choices.redo_log_size.value_or(0) != 0;
  options.sharing = is_for_one ? Sharing::exclusive : Sharing::shared;
  take(options.sharing, choices.sharing);
  take(options.durability, choices.durability);
  take(options.page_size, choices.page_size);
  take(options.background_sync, choices.background_sync);
  take(options.sync_after, choices.sync_after);
  take(options.memory_budget, choices.memory_budget);
  take(options.redo_log_size, choices.redo_log_size);
  take(options.verification, choices.verification);
  take(options.reader_limits, choices.reader_limits);
  take(options.map_reserve, choices.map_reserve);
  take(options.reader_slots, choices.reader_slots);
  options.progress = choices.progress;
  options.log = choices.log;
  options.long_wait = choices.long_wait;
  return options;
}

}  // namespace

std::string contradiction(const StorageChoices& choices) {
  if (choices.path.empty()) return "the path is empty";
  if (choices.is_read_only() && choices.create == Create::if_missing) {
    return "a storage that is opened read-only cannot be created: leave out Create::if_missing or "
           "open it for writing";
  }
  if (choices.is_read_only() && choices.recreate != Recreate::never) {
    return "nothing is made anew in a storage that is opened read-only: leave out the recreation "
           "or open it for writing";
  }
  if (choices.long_wait < std::chrono::milliseconds::zero()) {
    return "a wait is not shorter than nothing: choose a long wait of 0 ms or more";
  }
  if (choices.is_read_only() && choices.durability) {
    return "a storage that is opened read-only commits nothing: leave out the durability or open "
           "it for writing";
  }
  return {};
}

Result<Database> backend::Native::open(const StorageChoices& choices) {
  for (const std::string& reason :
       {contradiction(choices), native_contradiction(choices), page_size_contradiction(choices)}) {
    if (!reason.empty()) return fail(Error(ErrorCode::invalid_argument).with_detail(reason));
  }
  Options options = native_options(choices);
  if (choices.file == ChosenFile::of_file_system) options.file_system = choices.file_system;
  if (choices.file == ChosenFile::in_memory) {
    options.file_system_owner = std::make_shared<MemoryFileSystem>();
    options.file_system = options.file_system_owner.get();
  }
  return Database::open(choices.path, options);
}

}  // namespace quire
