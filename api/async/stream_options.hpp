// StreamOptions: how a stream reads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/api/async/workers.hpp"

namespace quire {

/// Which state a stream shows.
enum class StreamMode : std::uint8_t {
  stay,    ///< all entries of one state, which is kept readable until the stream is at its end
  follow,  ///< each chunk of the state that is the newest when it is read
};

struct StreamOptions {
  StreamMode mode = StreamMode::stay;
  /// A chunk ends after so many entries, or after the one with which it holds so many bytes of
  /// stored keys and values, whichever comes first; it has one entry at least. An event loop gets a
  /// turn between any two chunks.
  std::size_t chunk_entries = 256;
  std::size_t chunk_bytes = std::size_t{1} << 20;
  /// So many chunks are read before they are asked for, at most. With 0 a chunk is read when the
  /// consumer waits for it.
  std::size_t chunks_ahead = 1;
  /// Of one value, no more than its first so many bytes are brought into memory by the stream.
  std::size_t value_bytes = std::size_t{64} << 20;
  /// So many leaves of the tree are asked for before they are read.
  std::uint32_t leaves_ahead = 256;
  Workers workers = {};
};

}  // namespace quire
