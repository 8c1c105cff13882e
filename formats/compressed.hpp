// Compressed: the values of another format, each stored as a zstd frame.
//
//   stored = 0, the value's bytes                 where compressing does not pay
//          | 1, size of the value (u32), a frame  one zstd frame, which does not repeat the size
//
// Each value is compressed by itself, so this pays for values of some hundred bytes and more. It is
// not read in place: a guard owns the bytes that it shows and pins no state.
//
// Programs that include this link libzstd (pkg-config: libzstd) themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/little_endian.hpp"
#include "quire/engine/base/overlay.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/descriptor.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/stored_form.hpp"
#include "quire/formats/zstd.hpp"

namespace quire {

namespace detail {

enum class Packing : std::uint8_t { none = 0, zstd = 1 };

struct FrameHeader {
  std::uint8_t packing;  // 0  Packing::zstd
  U32le size;            // 1  of the value
};
static_assert(sizeof(FrameHeader) == 5 && alignof(FrameHeader) == 1);

/// A stored form that took less room than it might have.
class PackedValue {
 public:
  PackedValue(HeapBytes room, std::size_t size) : room_(std::move(room)), size_(size) {}
  [[nodiscard]] Bytes bytes() const noexcept { return room_.bytes().first(size_); }

 private:
  HeapBytes room_;
  std::size_t size_;
};

/// The stored form of a value's bytes, at most one byte larger than they are.
inline PackedValue pack(Bytes value, int level) {
  HeapBytes room(1 + value.size(), 1);
  const MutableBytes target = room.room();
  if (value.size() > sizeof(FrameHeader)) {
    // One byte less than the value as it is: else it does not pay.
    const MutableBytes rest = target.subspan(sizeof(FrameHeader));
    if (const auto size = compress(value, rest.first(rest.size() - 1), level)) {
      *overlay<FrameHeader>(target.data()) = {.packing = static_cast<std::uint8_t>(Packing::zstd),
                                              .size = static_cast<std::uint32_t>(value.size())};
      return {std::move(room), sizeof(FrameHeader) + *size};
    }
  }
  target.front() = static_cast<std::byte>(Packing::none);
  copy_bytes(target.data() + 1, value);
  return {std::move(room), 1 + value.size()};
}

inline Failure broken_frame(std::string detail) {
  return fail(Error(ErrorCode::corrupt).with_detail(std::move(detail)));
}

/// The value in a stored form that has a frame.
inline Result<HeapBytes> unpack_frame(Bytes stored, std::size_t alignment,
                                      std::uint32_t size_limit) {
  if (stored.size() < sizeof(FrameHeader)) return broken_frame("a compressed value without a size");
  const std::uint32_t size = overlay<FrameHeader>(stored.data())->size;
  const Bytes frame = stored.subspan(sizeof(FrameHeader));
  // Before there is memory for it: what says that it is large costs nothing.
  if (size > size_limit || size > largest_content(frame.size())) {
    return broken_frame("a compressed value of " + std::to_string(frame.size()) +
                        " bytes says that it has " + std::to_string(size));
  }
  HeapBytes value(size, alignment);
  if (decompress(frame, value.room())) [[likely]]
    return value;
  return broken_frame("a value that cannot be decompressed");
}

inline Result<HeapBytes> unpack(Bytes stored, std::size_t alignment, std::uint32_t size_limit) {
  if (stored.empty()) return broken_frame("a compressed value of no bytes");
  switch (Packing{static_cast<std::uint8_t>(stored.front())}) {
    case Packing::none: return HeapBytes(stored.subspan(1), alignment);
    case Packing::zstd: return unpack_frame(stored, alignment, size_limit);
  }
  return broken_frame("a value packed in a way that is not known");
}

}  // namespace detail

/// What a guard shows is what Inner shows. Reading decompresses each time, writing compresses; both
/// take memory for one value more. Give it an Inner with options as `Compressed{RawFormat{16}}`.
template <class Inner>
struct Compressed {
  static constexpr std::string_view name = "zstd";
  static constexpr std::uint32_t version = 1;

  Inner inner = {};
  /// How hard to try, as zstd counts: from ZSTD_minCLevel(), which is fast, to 22. Whoever reads
  /// need not know it.
  int level = 3;
  /// Larger values are not stored (value_too_large); what says that it is larger is `corrupt`. It
  /// bounds the memory that a damaged or hostile file can make a reader take.
  std::uint32_t size_limit = std::uint32_t{256} << 20;

  template <class V>
    requires ValueFormat<Inner, V>
  using Argument = ValueArgument<Inner, V>;
  template <class V>
    requires ValueFormat<Inner, V>
  using View = ValueView<Inner, V>;

  /// Of the stored form, which is not read in place.
  template <class V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 1;
  }
  template <class V>
  [[nodiscard]] std::string descriptor() const {
    return "zstd(" + inner.template descriptor<V>() + ")";
  }
  /// The inner format's rule, for what is between the brackets.
  [[nodiscard]] static std::optional<std::string> descriptor_difference(std::string_view stored,
                                                                        std::string_view asked) {
    constexpr std::string_view start = "zstd(";
    if (!stored.starts_with(start) || !asked.starts_with(start) || !stored.ends_with(')'))
      return first_differing_word(stored, asked);
    const auto between = [&](std::string_view text) {
      return text.substr(start.size(), text.size() - start.size() - 1);
    };
    return descriptor_rule<Inner>()(between(stored), between(asked));
  }

  template <class V>
    requires(!UnpacksValues<Inner, V>)
  [[nodiscard]] Result<detail::PackedValue> encode_value(
      const ValueArgument<Inner, V>& value) const {
    return with_stored_form<V>(inner, value, [&](Bytes bytes) -> Result<detail::PackedValue> {
      if (bytes.size() > size_limit) return fail(ErrorCode::value_too_large);
      return detail::pack(bytes, level);
    });
  }
  template <class V>
  [[nodiscard]] Result<HeapBytes> unpack(Bytes stored) const {
    return detail::unpack(stored, inner.template alignment<V>(), size_limit);
  }

  // Of what was unpacked.

  template <class V>
  [[nodiscard]] Status check(Bytes unpacked) const {
    return inner.template check<V>(unpacked);
  }
  template <class V>
  [[nodiscard]] decltype(auto) view(Bytes unpacked) const {
    return inner.template view<V>(unpacked);
  }
};
template <class Inner>
Compressed(Inner) -> Compressed<Inner>;

}  // namespace quire
