// Mutants: sound bytes with damage of the kinds that readers fall for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "quire/engine/base/bytes.hpp"

namespace quire::test {

/// Makes mutants, the same ones for a seed.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  /// The original with one to three changes; one in 16 is cut short as well. A change is a byte, a
  /// 32-bit number at a multiple of four that lengths and distances are mistaken for, or a stretch
  /// of the donor. Both need bytes. The vector has no room beyond its end, so that a sanitizer sees
  /// who reads there.
  std::vector<std::byte> mutant_of(Bytes original, Bytes donor);

 private:
  void change_byte(MutableBytes mutant);
  void change_number(MutableBytes mutant);
  void splice(MutableBytes mutant, Bytes donor);

  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::mt19937_64 random_;
};

}  // namespace quire::test
