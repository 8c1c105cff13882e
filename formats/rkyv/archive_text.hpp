// Archives of texts: in the object up to eight bytes, elsewhere above.
#pragma once

#include <string>
#include <string_view>

#include "quire/formats/rkyv/archive.hpp"
#include "quire/formats/utf8.hpp"

namespace quire::rkyv {

/// UTF-8.
template <>
struct Archive<std::string> {
  static constexpr Extent extent{8, 4};
  using View = std::string_view;
  using Lookup = std::string_view;

  static void own(Encoder& encoder, std::string_view text) {
    if (text.size() > max_text_size) encoder.refuse("a text is longer than 1 GiB");
    if (encoder.is_measuring() && !is_utf8(as_bytes(text))) encoder.refuse("a text is not UTF-8");
    if (text.size() > inline_text_size) encoder.remember(encoder.append(as_bytes(text)));
  }
  static void put(Encoder& encoder, std::string_view text, std::uint64_t at) {
    encoder.put_text(as_bytes(text), at);
  }
  static std::string_view view(const std::byte* at) noexcept { return as_text(text_of(at)); }
  static std::string load(const std::byte* at, Loader&) { return std::string(view(at)); }
  static void describe(Describer& words) { words << "string"; }
  static std::strong_ordering compare(std::string_view lookup, const std::byte* at) noexcept {
    return quire::compare(as_bytes(lookup), text_of(at));
  }
  static void feed(Hasher& hasher, std::string_view lookup) noexcept {
    hasher.text(as_bytes(lookup));
  }
};

}  // namespace quire::rkyv
