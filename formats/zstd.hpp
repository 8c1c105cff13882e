// Zstandard in one call, by a context that each thread keeps for the next.
//
// Programs that include this link libzstd themselves.
#pragma once

#include <zstd.h>

#include <cstddef>
#include <memory>
#include <optional>

#include "quire/engine/base/bytes.hpp"

namespace quire::detail {

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// Null where there was no memory for one, until there is.
inline ZSTD_CCtx* compressing_context() {
  thread_local std::unique_ptr<ZSTD_CCtx, FreeZstd> context;
  if (!context) context.reset(ZSTD_createCCtx());
  return context.get();
}
inline ZSTD_DCtx* decompressing_context() {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeZstd> context;
  if (!context) context.reset(ZSTD_createDCtx());
  return context.get();
}

/// Makes a frame of source at the front of target; its size, or nothing when target is too small
/// or there is no memory. The frame does not say how large its content is.
inline std::optional<std::size_t> compress(Bytes source, MutableBytes target, int level) {
  ZSTD_CCtx* const context = compressing_context();
  if (context == nullptr) return {};
  static_cast<void>(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level));
  static_cast<void>(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0));
  const std::size_t size =
      ZSTD_compress2(context, target.data(), target.size(), source.data(), source.size());
  if (ZSTD_isError(size) != 0) return {};
  return size;
}

/// Whether frame is one whose content fills target, which it then does. Takes any bytes.
inline bool decompress(Bytes frame, MutableBytes target) {
  ZSTD_DCtx* const context = decompressing_context();
  return context != nullptr && ZSTD_decompressDCtx(context, target.data(), target.size(),
                                                   frame.data(), frame.size()) == target.size();
}

/// The most that a frame of so many bytes can hold: each block takes four bytes at least and gives
/// 128 KiB at most.
constexpr std::size_t largest_content(std::size_t frame_size) noexcept {
  return frame_size / 4 * ZSTD_BLOCKSIZE_MAX;
}

}  // namespace quire::detail
