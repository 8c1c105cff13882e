#include "archives/mutants.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace quire::test {

std::vector<std::byte> Mutator::mutant_of(Bytes original, Bytes donor) {
  std::vector<std::byte> mutant(original.begin(), original.end());
  for (std::size_t changes = 1 + below(3); changes != 0; --changes) {
    switch (below(4)) {
      case 0: change_number(mutant); break;
      case 1: splice(mutant, donor); break;
      default: change_byte(mutant);
    }
  }
  if (below(16) != 0) return mutant;
  return {mutant.begin(), mutant.begin() + static_cast<std::ptrdiff_t>(below(mutant.size() + 1))};
}

void Mutator::change_byte(MutableBytes mutant) {
  std::byte& byte = mutant[below(mutant.size())];
  byte = below(2) == 0 ? byte ^ static_cast<std::byte>(1U << below(8))
                       : static_cast<std::byte>(random_());
}

void Mutator::change_number(MutableBytes mutant) {
  std::uint32_t number = 0;
  if (mutant.size() < sizeof(number)) return;
  std::byte* const place = mutant.data() + below(mutant.size() / sizeof(number)) * sizeof(number);
  std::memcpy(&number, place, sizeof(number));
  const auto size = static_cast<std::uint32_t>(mutant.size());
  const auto distance = static_cast<std::uint32_t>(below(mutant.size()));
  const auto little = static_cast<std::uint32_t>(below(9));
  const std::array<std::uint32_t, 12> numbers{
      0,        little,        0U - little,  number + little, number - little, size - little,
      distance, 0U - distance, 0x7FFF'FFFFU, 0x8000'0000U,    0xFFFF'FFFFU,    number ^ 1U << 31};
  number = numbers[below(numbers.size())];
  std::memcpy(place, &number, sizeof(number));
}

/// Half of the stretches keep their alignment to four bytes.
void Mutator::splice(MutableBytes mutant, Bytes donor) {
  const std::size_t longest = std::min({mutant.size(), donor.size(), std::size_t{64}});
  const std::size_t length = 1 + below(longest);
  std::size_t source = below(donor.size() - length + 1);
  std::size_t target = below(mutant.size() - length + 1);
  if (below(2) == 0) {
    source -= source % 4;
    target -= target % 4;
  }
  std::memcpy(mutant.data() + target, donor.data() + source, length);
}

}  // namespace quire::test
