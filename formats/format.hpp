// Formats: how a C++ type becomes the bytes of a key or a value, and how stored bytes are read.
//
// A format describes what it stores in a text, the descriptor, that is kept with the table and
// compared when the table is opened again:
//   descriptor = name [ "(" argument { "," argument } ")" ]
// made of words that users and this library chose, never of a compiler's type names. Two formats
// with one descriptor store the same bytes for the same values.
//
// A format is a small copyable object, usually empty. It does not own what it is given. All its
// functions may be called from several threads at once.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/key_end.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/heap_bytes.hpp"

namespace quire {

/// A key in its stored form: owned bytes, or a view of the key's own. Lives no longer than the key.
template <class T>
concept EncodedKey = std::movable<T> && requires(const T& key) {
  { key.bytes() } -> std::same_as<Bytes>;
};

/// How F takes a key of type K without copying it: std::string_view for a std::string.
template <class F, class K>
using KeyArgument = typename F::template Argument<K>;

/// Law: decode(encode(key)) equals key, and equal keys have equal bytes.
/// Law: decode takes any bytes; those that no key has give `corrupt`, never undefined behaviour.
/// Law: the key keeps what it needs of the bytes, which may be gone or others after the call.
/// Law: where is_ordered, comparing two encoded keys as bytes gives the order of the keys.
template <class F, class K>
concept KeyFormat = std::copyable<F> && std::movable<K> &&
                    requires(const F& format, const KeyArgument<F, K>& key, Bytes stored) {
                      { format.template encode<K>(key) } -> EncodedKey;
                      { format.template decode<K>(stored) } -> std::same_as<Result<K>>;
                      { format.template descriptor<K>() } -> std::same_as<std::string>;
                      requires std::same_as<decltype(F::is_ordered), const bool>;
                    };

/// A key format whose tables may be read by ranges.
template <class F, class K>
concept OrderedKeyFormat = KeyFormat<F, K> && F::is_ordered;

/// A key may be decoded into one that is there, whose memory serves again.
/// Law: as decode, but for what the key is when that fails: any.
template <class F, class K>
concept RefillsKeys = KeyFormat<F, K> && requires(const F& format, Bytes stored, K& key) {
  { format.template refill<K>(stored, key) } -> std::same_as<Status>;
};

/// Of a key that is there, only the end may be decoded, where both begin with the same bytes.
/// Law: as refill with all of the bytes, but that it gives false, with the key as it was, where
/// these are no stored key; refill then says so.
template <class F, class K>
concept RefillsKeyEnds = RefillsKeys<F, K> && requires(const F& format, const KeyEnd& end, K& key) {
  { format.template refill_end<K>(end, key) } -> std::same_as<bool>;
};

/// How F takes a value of type V to be stored.
template <class F, class V>
using ValueArgument = typename F::template Argument<V>;

/// How F shows a stored value: a reference into the stored bytes, or a small object over them.
/// Valid as long as those bytes are.
template <class F, class V>
using ValueView = typename F::template View<V>;

/// The value lies in memory as it is stored.
template <class F, class V>
concept StoresInPlace = requires(const F& format, const ValueArgument<F, V>& value) {
  { format.template stored_bytes<V>(value) } -> std::same_as<Bytes>;
};

/// All stored values of V have one size, in bytes; or of a key format, all stored keys.
template <class F, class V>
concept HasFixedSize = requires {
  { F::template fixed_size<V> } -> std::convertible_to<std::size_t>;
};

/// What check looks at is size and place: any bytes of the fixed size are a value. The format says
/// so of itself, by its own name, and not of formats that are made from it.
/// Law: check takes any, where they are as many and lie at the value's alignment.
template <class F, class V>
concept ChecksSizeOnly =
    HasFixedSize<F, V> && requires { requires F::template checks_size_only<F, V>; };

/// A value may be written where it is stored: `room` shows the bytes, zeros at first, as what is
/// written to, a reference or a small object like a span.
/// Law: whatever is written through it, check takes the bytes, or finds them to be no value.
template <class F, class V>
concept FillsInPlace =
    requires(const F& format, MutableBytes stored) { format.template room<V>(stored); };

/// A value is its bytes, whatever they are: pieces of some, one behind the other, are a value too.
template <class F, class V>
concept StoresAnyBytes = StoresInPlace<F, V> && FillsInPlace<F, V> && !HasFixedSize<F, V>;

/// How many bytes a value takes; a format that cannot store every value says why.
template <class T>
concept Measure = std::same_as<T, std::size_t> || std::same_as<T, Result<std::size_t>>;

/// The value is measured first and then written.
/// Law: write fills exactly as many bytes as measure said.
template <class F, class V>
concept StoresByWriting =
    requires(const F& format, const ValueArgument<F, V>& value, MutableBytes target) {
      { format.template measure<V>(value) } -> Measure;
      { format.template write<V>(value, target) } -> std::same_as<void>;
    };

/// A format whose check reads all of a value: a table makes it once for each version of a page
/// instead of at every access.
template <class F>
concept ChecksOnce = requires { requires F::checks_once; };

/// A value in its stored form: owned bytes, or a view of the value's own. Lives no longer than the
/// value.
template <class T>
concept EncodedValue = std::movable<T> && requires(const T& value) {
  { value.bytes() } -> std::same_as<Bytes>;
};

/// The value is encoded in one go, because its size is known only when that is done. What is made
/// owns the bytes; a value that cannot be stored is a failure.
template <class F, class V>
concept StoresByEncoding = requires(const F& format, const ValueArgument<F, V>& value) {
  requires EncodedValue<typename decltype(format.template encode_value<V>(value))::value_type>;
};

/// What is stored has to be unpacked before it can be read, say because it is compressed. What a
/// guard shows then lies in memory of its own.
/// Law: unpack takes any bytes; it fails with `corrupt` and never reads outside of them. What it
/// gives is aligned as the view needs it.
template <class F, class V>
concept UnpacksValues = requires(const F& format, Bytes stored) {
  { format.template unpack<V>(stored) } -> std::same_as<Result<HeapBytes>>;
};

/// The format says itself which tables may be opened; for others the descriptors must be equal.
/// Law: nothing where values of the stored descriptor may be read and written as the asked one
/// says, and else where the two differ.
template <class F>
concept JudgesDescriptors = requires(std::string_view stored, std::string_view asked) {
  { F::descriptor_difference(stored, asked) } -> std::same_as<std::optional<std::string>>;
};

/// name and version tell formats apart; a format whose bytes change gets the next version, and the
/// descriptor says so. alignment is in bytes, a power of two from 1 to 64.
/// Law: stored bytes at that alignment that pass check may be viewed and read in any way; where the
/// format unpacks, check and view are about the unpacked bytes.
/// Law: check takes any bytes; it fails with `corrupt` and never reads outside of them. It is
/// called at every access, so it costs about as much as reading a header, unless ChecksOnce, or the
/// format says what it costs.
template <class F, class V>
concept ValueFormat =
    std::copyable<F> && requires(const F& format, const ValueArgument<F, V>& value, Bytes stored) {
      { F::name } -> std::convertible_to<std::string_view>;
      { F::version } -> std::convertible_to<std::uint32_t>;
      { format.template alignment<V>() } -> std::same_as<std::uint32_t>;
      { format.template descriptor<V>() } -> std::same_as<std::string>;
      { format.template check<V>(stored) } -> std::same_as<Status>;
      { format.template view<V>(stored) } -> std::same_as<ValueView<F, V>>;
    } && (StoresInPlace<F, V> || StoresByWriting<F, V> || StoresByEncoding<F, V>);

}  // namespace quire
