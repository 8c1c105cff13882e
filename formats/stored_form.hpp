// Stored form: the bytes of a value, in whichever way its format makes them.
#pragma once

#include <cstddef>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/heap_bytes.hpp"

namespace quire {

/// Calls use with the value's stored form, which is gone when it returns. Fails as the format does
/// with a value that it cannot store.
template <class V, ValueFormat<V> Format, class Use>
auto with_stored_form(const Format& format, const ValueArgument<Format, V>& value, const Use& use)
    -> decltype(use(Bytes())) {
  if constexpr (StoresInPlace<Format, V>) {
    return use(format.template stored_bytes<V>(value));
  } else if constexpr (StoresByEncoding<Format, V>) {
    const auto encoded = format.template encode_value<V>(value);
    if (!encoded) return fail(encoded.error());
    return use(encoded->bytes());
  } else {
    const Result<std::size_t> size = format.template measure<V>(value);
    if (!size) return fail(size);
    HeapBytes bytes(*size, format.template alignment<V>());
    format.template write<V>(value, bytes.room());
    return use(bytes.bytes());
  }
}

}  // namespace quire
