// Keys, values and pages for the tests of this folder.
//
// Keys come in families, because pages treat them differently: of one length or of any, with a long
// common beginning or none, and full of zero bytes, where only the length tells keys apart.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <random>
#include <string>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire::test {

inline constexpr std::array<std::uint32_t, 5> page_sizes = {4096, 8192, 16384, 32768, 65536};
inline constexpr std::array<std::uint32_t, 7> alignments = {1, 2, 4, 8, 16, 32, 64};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  /// Below the limit, which must not be 0.
  std::uint32_t below(std::size_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  bool one_in(std::uint32_t chances) { return below(chances) == 0; }
  template <std::size_t count>
  std::uint32_t any_of(const std::array<std::uint32_t, count>& choices) {
    return choices[below(count)];
  }
  std::string bytes(std::size_t size) {
    std::string made(size, '\0');
    for (char& byte : made) byte = static_cast<char>(engine_() & 0xff);
    return made;
  }

 private:
  std::mt19937_64 engine_;
};

/// An allocation of exactly one page, as aligned as pages are, so that an address sanitizer sees
/// the first byte that somebody reads behind it.
class PageBuffer {
 public:
  explicit PageBuffer(std::uint32_t page_size)
      : size_(page_size),
        bytes_(static_cast<std::byte*>(::operator new(page_size, std::align_val_t{alignment}))) {
    std::fill_n(bytes_.get(), size_, std::byte{0});
  }
  PageBuffer(const PageBuffer& other) : PageBuffer(other.size_) { *this = other; }
  PageBuffer& operator=(const PageBuffer& other) {
    std::copy_n(other.bytes_.get(), size_, bytes_.get());
    return *this;
  }
  ~PageBuffer() = default;

  [[nodiscard]] MutableBytes bytes() { return {bytes_.get(), size_}; }
  [[nodiscard]] Bytes bytes() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  bool operator==(const PageBuffer& other) const { return equal(bytes(), other.bytes()); }

 private:
  static constexpr std::size_t alignment = 64;
  struct Free {
    void operator()(std::byte* bytes) const {
      ::operator delete(bytes, std::align_val_t{alignment});
    }
  };
  std::uint32_t size_;
  std::unique_ptr<std::byte[], Free> bytes_;
};

enum class KeyFamily : std::uint8_t { numbers, words, alike, zeros, any };
inline constexpr std::array<KeyFamily, 5> key_families = {
    KeyFamily::numbers, KeyFamily::words, KeyFamily::alike, KeyFamily::zeros, KeyFamily::any};

/// Gives random keys of one family that are legal for the page size.
class KeySource {
 public:
  KeySource(Random& random, KeyFamily family, std::uint32_t page_size)
      : random_(random), family_(family), longest_(layout::max_key_size(page_size)) {
    beginning_ = random_.bytes(random_.below(longest_ - 16));
  }

  std::string next() {
    switch (family_) {
      case KeyFamily::numbers: return std::string(6, '\0') + random_.bytes(2);
      case KeyFamily::words: return random_.bytes(random_.below(24));
      case KeyFamily::alike: return beginning_ + random_.bytes(random_.below(16));
      case KeyFamily::zeros: return zeros();
      case KeyFamily::any: return random_.bytes(random_.below(longest_ + 1));
    }
    return {};
  }

 private:
  /// Few letters, most of them zero: many keys are beginnings of others.
  std::string zeros() {
    std::string key(random_.below(24), '\0');
    for (char& byte : key) {
      if (random_.one_in(6)) byte = static_cast<char>(random_.below(3));
    }
    return key;
  }

  Random& random_;
  KeyFamily family_;
  std::uint32_t longest_;
  std::string beginning_;
};

}  // namespace quire::test
