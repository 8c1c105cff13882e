// FileSystemType: what is known of a kind of file system, and whether it keeps the promises that
// file.hpp states.
#pragma once

#include <cstdint>
#include <string_view>

namespace quire {

/// Whether a database may lie there. unknown: if it proves that writes and maps agree.
enum class Fitness : std::uint8_t { fit, unfit, unknown };

struct FileSystemType {
  std::uint32_t number;   ///< the system's: f_type of statfs(2); 0: not one of the system's
  std::string_view name;  ///< as mount(8) says it, or "unknown"
  Fitness fitness;
  std::string_view caution;      ///< what its users should know, a sentence; mostly empty
  bool stores_in_place = false;  ///< what a file has blocks for can be stored to through a map,
                                 ///< whatever becomes of the disk
};

/// Memory of this process.
inline constexpr FileSystemType memory_type{0, "memory", Fitness::fit, ""};

/// What is known of that number. It lives as long as the process.
const FileSystemType& file_system_type(std::uint32_t number) noexcept;

}  // namespace quire
