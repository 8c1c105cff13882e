// HashControls: the control bytes of a hash table while it is filled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/rkyv/layout.hpp"

namespace quire::rkyv {

class HashControls {
 public:
  explicit HashControls(const HashSizes& sizes)
      : sizes_(sizes), bytes_(sizes.controls, empty_control) {}

  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }

  /// The bucket that a key with this hash gets: one is empty.
  [[nodiscard]] std::uint64_t first_empty(std::uint64_t hash) const {
    Probe probe(sizes_, hash);
    do {
      for (std::uint64_t step = 0; step < group_size; ++step)
        if (bytes_[probe.at() + step] == empty_control) return (probe.at() + step) % sizes_.buckets;
    } while (probe.next());
    return 0;
  }
  void fill(std::uint64_t bucket, std::uint64_t hash) {
    bytes_[bucket] = control_of(hash);
    if (bucket < sizes_.mirrored()) bytes_[sizes_.buckets + bucket] = bytes_[bucket];
  }

 private:
  HashSizes sizes_;
  std::vector<std::byte> bytes_;
};

}  // namespace quire::rkyv
