// KeyBuffer: where a key is put together again from prefix, head and tail.
//
// The room is inline and never initialised, so that a buffer on the stack costs nothing until it is
// used. Invariant: any key that a checked page can spell fits, with a whole head to spare.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/head.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

/// Holds one key of any page size. Not thread-safe.
class KeyBuffer {
 public:
  KeyBuffer() noexcept {}  // NOLINT(modernize-use-equals-default): must not clear the room
  KeyBuffer(const KeyBuffer&) = delete;
  KeyBuffer& operator=(const KeyBuffer&) = delete;

  [[nodiscard]] Bytes key() const noexcept { return {room_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Makes the buffer hold a copy of key.
  Bytes assign(Bytes key) noexcept {
    copy_bytes(room_, key);
    size_ = key.size();
    return this->key();
  }

  /// Puts down the bytes that all keys of a page share.
  void set_prefix(Bytes prefix) noexcept {
    copy_bytes(room_, prefix);
    prefix_size_ = prefix.size();
    size_ = prefix_size_;
    if (prefix_size_ < layout::head_size) front_ = head_at(prefix, 0);
  }

  /// A prefix shorter than a head, as the beginning of one; anything if it is longer.
  [[nodiscard]] std::uint64_t front() const noexcept { return front_; }

  /// Prefix, then the first bytes of head: `remaining` bytes in all.
  Bytes set_head(std::uint64_t head, std::size_t remaining) noexcept {
    if (prefix_size_ < layout::head_size) {
      // Whole words from the front on: who reads the key's first eight bytes at once would wait for
      // the memory if a store had made only a part of them.
      const std::size_t shift = 8 * prefix_size_;
      write_head(room_, front_ | head >> shift);
      write_head(room_ + layout::head_size, head << 1 << (63 - shift));
    } else {
      write_head(room_ + prefix_size_, head);
    }
    size_ = prefix_size_ + remaining;
    return key();
  }

  /// The same with the tail behind head, where the rest is longer than a head.
  Bytes set_rest(std::uint64_t head, std::size_t remaining, const std::byte* tail) noexcept {
    set_head(head, remaining);
    if (remaining > layout::head_size) [[unlikely]] {
      std::memcpy(room_ + prefix_size_ + layout::head_size, tail, remaining - layout::head_size);
    }
    return key();
  }

 private:
  static constexpr std::size_t room_size = layout::max_key_size_of_any + 2 * layout::head_size;

  std::size_t size_ = 0;
  std::size_t prefix_size_ = 0;
  std::uint64_t front_ = 0;
  std::byte room_[room_size];
};

}  // namespace quire
