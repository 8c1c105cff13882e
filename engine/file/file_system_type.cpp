#include "quire/engine/file/file_system_type.hpp"

#include <algorithm>
#include <array>

namespace quire {
namespace {

constexpr std::string_view of_many_machines =
    "other machines see what is written late, and locks do not hold for them";
constexpr std::string_view in_memory =
    "it lies in memory: nothing of the database survives the end of the system";
constexpr std::string_view copies_on_write =
    "it copies what is overwritten: a database gets slow there with time, unless copying is "
    "switched off for its file (chattr +C on btrfs)";

/// Numbers from linux/magic.h, and from those file systems that are not in it.
constexpr std::array known{
    FileSystemType{0xEF53, "ext2/3/4", Fitness::fit, "", true},
    FileSystemType{0x5846'5342, "xfs", Fitness::fit, ""},
    FileSystemType{0xF2F5'2010, "f2fs", Fitness::fit, ""},
    FileSystemType{0xCA45'1A4E, "bcachefs", Fitness::fit, copies_on_write},
    FileSystemType{0x9123'683E, "btrfs", Fitness::fit, copies_on_write},
    FileSystemType{0x2FC1'2FC1, "zfs", Fitness::fit,
                   "it keeps mapped pages a second time beside its own cache, and copies what is "
                   "overwritten: give the dataset a record size near the page size"},
    FileSystemType{0x0102'1994, "tmpfs", Fitness::fit, in_memory, true},
    FileSystemType{0x8584'58F6, "ramfs", Fitness::fit, in_memory},
    FileSystemType{0x794C'7630, "overlay", Fitness::fit,
                   "a file of a lower layer is copied whole at its first opening for writing, and "
                   "who reads it already goes on with the old one; it goes with its container "
                   "unless it lies in a volume"},
    FileSystemType{0x6969, "nfs", Fitness::unfit, of_many_machines},
    FileSystemType{0x517B, "smb", Fitness::unfit, of_many_machines},
    FileSystemType{0xFF53'4D42, "cifs", Fitness::unfit, of_many_machines},
    FileSystemType{0xFE53'4D42, "smb2", Fitness::unfit, of_many_machines},
    FileSystemType{0x0102'1997, "9p", Fitness::unfit, of_many_machines},
    FileSystemType{0x5346'414F, "afs", Fitness::unfit, of_many_machines},
    FileSystemType{0x6B41'4653, "afs", Fitness::unfit, of_many_machines},
    FileSystemType{0x7375'7245, "coda", Fitness::unfit, of_many_machines},
    FileSystemType{0x564C, "ncp", Fitness::unfit, of_many_machines},
    FileSystemType{0x6573'5546, "fuse", Fitness::unknown,
                   "what it promises depends on the program behind it"},
};

constexpr FileSystemType unknown_type{0, "unknown", Fitness::unknown, ""};

}  // namespace

const FileSystemType& file_system_type(std::uint32_t number) noexcept {
  const auto* const found = std::ranges::find(known, number, &FileSystemType::number);
  return found == known.end() ? unknown_type : *found;
}

}  // namespace quire
