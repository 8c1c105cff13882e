#include "quire/engine/file/read_ahead.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace quire {
namespace {

/// That of x86-64; where pages are larger, some of them are asked for more than once.
constexpr std::size_t system_page_size = 4096;

/// Linux reads no more at one request than it would of its own accord, which is never less.
constexpr std::size_t request_size = 128 * 1024;

}  // namespace

void read_ahead(Bytes bytes) noexcept {
  if (bytes.empty()) return;
  // madvise takes whole pages, and its parameter is not const though it changes nothing.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  void* begin = const_cast<std::byte*>(bytes.data());
  std::size_t room = bytes.size() + system_page_size;
  std::byte* at = static_cast<std::byte*>(std::align(system_page_size, 1, begin, room));
  if (at != bytes.data()) at -= system_page_size;
  const std::byte* const end = bytes.data() + bytes.size();
  for (; at < end; at += request_size) {
    const auto rest = static_cast<std::size_t>(end - at);
    static_cast<void>(::madvise(at, std::min(rest, request_size), MADV_WILLNEED));
  }
}

void read_through(Bytes bytes) noexcept {
  const auto read = [&](std::size_t at) {
    static_cast<void>(*static_cast<const volatile std::byte*>(&bytes[at]));
  };
  for (std::size_t at = 0; at < bytes.size(); at += system_page_size) read(at);
  if (!bytes.empty()) read(bytes.size() - 1);
}

}  // namespace quire
