#include "support/model_material.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace quire::test {
namespace {

std::string big_endian(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[7 - i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

/// Above all keys of a falling source, and far from both ends.
constexpr std::uint64_t middle = std::uint64_t{1} << 40;

}  // namespace

std::uint64_t Dice::number() {
  // SplitMix64, of Steele, Lea and Flood.
  std::uint64_t mixed = state_ += 0x9e37'79b9'7f4a'7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11eb;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Dice::mostly_small(std::uint64_t limit) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(limit));
  return std::min(number() >> (64 - std::max<std::uint64_t>(below(bits + 1), 1)), limit - 1);
}

std::string Dice::bytes(std::size_t size) {
  std::string made;
  cook({number(), size}, made);
  return made;
}

// ---- Keys

KeySource::KeySource(Dice& dice, KeyShape shape, std::uint32_t max_key_size)
    : dice_(dice), shape_(shape), max_key_size_(max_key_size) {
  if (shape == KeyShape::alike) beginning_ = dice.bytes(dice.below(max_key_size - 7));
}

std::string KeySource::run_key(std::uint64_t run, std::uint64_t position) const {
  if (shape_ == KeyShape::rising) return big_endian(middle + position);
  if (shape_ == KeyShape::falling) return big_endian(middle - position);
  return std::string(1, static_cast<char>(run * 50)) + big_endian(position);
}

std::string KeySource::next() {
  switch (shape_) {
    case KeyShape::numbers: return dice_.bytes(8);
    case KeyShape::rising:
    case KeyShape::falling:
    case KeyShape::runs: {
      const std::uint64_t run = shape_ == KeyShape::runs ? dice_.below(positions_.size()) : 0;
      return run_key(run, positions_[run] += 1 + dice_.below(3));
    }
    case KeyShape::words: {
      std::string word(dice_.below(9), 'a');
      for (char& letter : word) letter = static_cast<char>('a' + dice_.below(6));
      return word;
    }
    case KeyShape::alike: return beginning_ + dice_.bytes(dice_.below(8));
    case KeyShape::zeros: {
      std::string key(dice_.below(40), '\0');
      for (char& byte : key) {
        if (dice_.one_in(6)) byte = static_cast<char>(dice_.below(3));
      }
      return key;
    }
    case KeyShape::any_length:
      return dice_.bytes(dice_.one_in(40) ? max_key_size_ : dice_.mostly_small(max_key_size_ + 1));
  }
  return {};
}

std::string KeySource::guess() {
  const bool in_runs = shape_ == KeyShape::runs;
  if (shape_ != KeyShape::rising && shape_ != KeyShape::falling && !in_runs) return next();
  const std::uint64_t run = in_runs ? dice_.below(positions_.size()) : 0;
  return run_key(run, dice_.below(positions_[run] + 2));
}

// ---- Values

Bytes cook(const Recipe& recipe, std::string& room) {
  room.resize(recipe.size);
  Dice dice(recipe.seed);
  for (std::size_t done = 0; done < room.size(); done += 8) {
    const std::uint64_t word = dice.number();
    std::memcpy(room.data() + done, &word, std::min<std::size_t>(8, room.size() - done));
  }
  return as_bytes(room);
}

bool is_made_of(Bytes bytes, const Recipe& recipe) {
  if (bytes.size() != recipe.size) return false;
  Dice dice(recipe.seed);
  for (std::size_t done = 0; done < bytes.size(); done += 8) {
    const std::uint64_t word = dice.number();
    const std::size_t left = std::min<std::size_t>(8, bytes.size() - done);
    if (std::memcmp(bytes.data() + done, &word, left) != 0) return false;
  }
  return true;
}

Recipe ValueSource::next(std::size_t key_size) {
  const std::uint64_t room = max_inline_size_ - key_size;
  std::uint64_t size = 0;
  switch (sizes_) {
    case ValueSizes::none: break;
    case ValueSizes::equal: size = usual_; break;
    case ValueSizes::small: size = dice_.below(41); break;
    case ValueSizes::mostly_equal: size = dice_.one_in(50) ? dice_.below(room + 1) : usual_; break;
    case ValueSizes::page_part: size = dice_.one_in(8) ? room : dice_.mostly_small(room + 1); break;
  }
  return {dice_.number(), std::min(size, room)};
}

}  // namespace quire::test
