// RkyvFormat: values as archives of the rkyv crate (https://rkyv.org, version 0.8, its default
// features), byte for byte: a Rust program reads what C++ wrote, and the reverse.
//
// A struct needs one line, QUIRE_DESCRIBE (describe.hpp); so do enums and variants. Reading makes
// no copy:
//   view.name()              std::string_view
//   view.filings()[3]        a view of the fourth; a random-access range of views
//   view.tags().find("x")    std::optional of a view
// and a value of its own comes from to_owned().
//
//   C++                                   Rust
//   std::int8_t ... std::uint64_t, __int128, float, double, bool, char32_t: i8 ... char
//   std::string                           String; must be UTF-8
//   std::vector, std::deque; std::array   Vec, VecDeque; [T; N]
//   std::unique_ptr; std::shared_ptr      Box; Arc. Never null: an optional one may be missing
//   std::weak_ptr                         Weak, of an Arc
//   std::optional; std::expected          Option; Result
//   rkyv::Duration                        Duration
//   std::map, std::set                    BTreeMap, BTreeSet
//   std::unordered_map, unordered_set     HashMap, HashSet; keys with an order
//   std::pair, std::tuple, std::monostate (A, B), (A, B, C), ()
//   described structs; described enums    structs; enums without fields
//   described variants                    enums. An alternative that is a described struct gives
//                                         its fields, a tuple its parts, and any other type itself
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/rkyv/archive.hpp"
#include "quire/formats/rkyv/archive_choice.hpp"
#include "quire/formats/rkyv/archive_map.hpp"
#include "quire/formats/rkyv/archive_pointer.hpp"
#include "quire/formats/rkyv/archive_record.hpp"
#include "quire/formats/rkyv/archive_sequence.hpp"
#include "quire/formats/rkyv/archive_text.hpp"
#include "quire/formats/rkyv/archive_time.hpp"
#include "quire/formats/rkyv/check.hpp"

namespace quire {

struct RkyvFormat {
  static constexpr std::string_view name = "rkyv";
  static constexpr std::uint32_t version = 1;
  static constexpr bool checks_once = true;

  template <rkyv::Archived V>
  using Argument = const V&;
  template <rkyv::Archived V>
  using View = rkyv::ViewOf<V>;

  /// That of everything in an archive: positions in it are aligned as they are in memory.
  template <rkyv::Archived V>
  [[nodiscard]] constexpr std::uint32_t alignment() const noexcept {
    return 16;
  }
  template <rkyv::Archived V>
  [[nodiscard]] std::string descriptor() const {
    return "rkyv(" + description_of<V>() + ")";
  }

  /// invalid_argument: there is no archive of the value (a null pointer, text that is no UTF-8, an
  /// enum's value without a name, 2 GiB or more), or none of the type (two structs of one name).
  template <rkyv::Archived V>
  [[nodiscard]] Result<std::size_t> measure(const V& value) const {
    if (const auto& schema = schema_of<V>(); !schema) return fail(schema);
    rkyv::Encoder encoder;
    write_to<V>(encoder, value);
    if (encoder.problem() == nullptr && encoder.size() > max_size)
      encoder.refuse("an archive is of 2 GiB or more");
    if (encoder.problem() == nullptr) return encoder.size();
    return fail(Error(ErrorCode::invalid_argument).with_detail(encoder.problem()));
  }
  template <rkyv::Archived V>
  void write(const V& value, MutableBytes target) const {
    rkyv::Encoder encoder(target);
    write_to<V>(encoder, value);
  }

  /// All of the archive: no view of it reads outside of it, or finds what its type cannot be.
  template <rkyv::Archived V>
  [[nodiscard]] Status check(Bytes stored) const {
    const auto& schema = schema_of<V>();
    return schema ? rkyv::check(**schema, stored) : fail(schema);
  }
  template <rkyv::Archived V>
  [[nodiscard]] View<V> view(Bytes stored) const {
    return rkyv::Archive<V>::view(root_in<V>(stored));
  }
  /// A value of its own, of an archive that was checked.
  template <rkyv::Archived V>
  [[nodiscard]] V load(Bytes stored) const {
    rkyv::Loader loader;
    return rkyv::Archive<V>::load(root_in<V>(stored), loader);
  }

 private:
  static constexpr std::size_t max_size = (std::size_t{1} << 31) - 1;

  template <class V>
  static std::string description_of() {
    rkyv::Describer words;
    rkyv::Archive<V>::describe(words);
    return words.text();
  }
  template <class V>
  static const Result<std::shared_ptr<const rkyv::Schema>>& schema_of() {
    static const Result<std::shared_ptr<const rkyv::Schema>> schema =
        rkyv::Schema::parse(description_of<V>());
    return schema;
  }
  template <class V>
  static void write_to(rkyv::Encoder& encoder, const V& value) {
    encoder.together(
        rkyv::Archive<V>::extent.align, rkyv::Archive<V>::extent.size,
        [&] { rkyv::Archive<V>::own(encoder, value); },
        [&](std::uint64_t at) { rkyv::Archive<V>::put(encoder, value, at); });
  }
  template <class V>
  static const std::byte* root_in(Bytes stored) noexcept {
    return stored.data() + (stored.size() - rkyv::Archive<V>::extent.size);
  }
};

}  // namespace quire
