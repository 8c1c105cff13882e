// What is to be known of this process, and of the time, from the operating system.
#pragma once

#include <cstdint>
#include <string_view>

namespace quire {

/// As the process knows itself, in its PID namespace.
std::int64_t posix_process_id() noexcept;

/// The name of the program, without its folder.
std::string_view posix_program_name() noexcept;

/// Nanoseconds since 1970, as of the last tick of the system: some milliseconds late, and cheap.
std::uint64_t posix_coarse_time() noexcept;

}  // namespace quire
