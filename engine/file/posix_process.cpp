#include "quire/engine/file/posix_process.hpp"

#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace quire {

std::int64_t posix_process_id() noexcept { return ::getpid(); }

std::string_view posix_program_name() noexcept { return ::program_invocation_short_name; }

std::uint64_t posix_coarse_time() noexcept {
  constexpr std::uint64_t second = 1'000'000'000;
  struct ::timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_REALTIME_COARSE, &now));
  return static_cast<std::uint64_t>(now.tv_sec) * second + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace quire
