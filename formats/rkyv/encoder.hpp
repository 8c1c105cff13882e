// Encoder: writes a value's archive in one pass, or measures it.
//
// What a value owns is written before the value (own), and where it lies is remembered; then the
// value itself, which asks for these places in the same order (put). A measuring encoder writes and
// remembers nothing: only sizes are added up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/bytes.hpp"
#include "quire/formats/rkyv/layout.hpp"

namespace quire::rkyv {

class Encoder {
 public:
  /// Measures.
  Encoder() = default;
  /// Writes, as many bytes as were measured.
  explicit Encoder(MutableBytes target) : target_(target.data()), capacity_(target.size()) {}

  [[nodiscard]] bool is_measuring() const noexcept { return target_ == nullptr; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Why there is no archive of the value; null when there is one.
  [[nodiscard]] const char* problem() const noexcept { return problem_; }
  void refuse(const char* problem) noexcept { problem_ = problem; }

  // ---- Bytes

  void pad(std::uint64_t align) { reserve(round_up(size_, align) - size_); }
  /// Zeros, and where they begin.
  std::uint64_t reserve(std::uint64_t size) {
    const std::uint64_t start = size_;
    size_ += size;
    if (is_measuring()) return start;
    QUIRE_ASSERT(size_ <= capacity_);
    if (size != 0) std::memset(target_ + start, 0, size);
    return start;
  }
  std::uint64_t append(Bytes bytes) {
    const std::uint64_t start = size_;
    size_ += bytes.size();
    if (is_measuring()) return start;
    QUIRE_ASSERT(size_ <= capacity_);
    copy_bytes(target_ + start, bytes);
    return start;
  }

  // ---- Of one that writes

  template <class T>
  void store(std::uint64_t at, const T& number) noexcept {
    std::memcpy(target_ + at, &number, sizeof number);
  }
  [[nodiscard]] std::byte* at(std::uint64_t position) noexcept { return target_ + position; }
  /// A pointer at one place to another, or to nothing.
  void point(std::uint64_t from, std::uint64_t to) noexcept {
    store(from, to == no_place ? null_offset : offset(from, to));
  }
  [[nodiscard]] static std::int32_t offset(std::uint64_t from, std::uint64_t to) noexcept {
    return static_cast<std::int32_t>(static_cast<std::int64_t>(to) -
                                     static_cast<std::int64_t>(from));
  }

  /// The object of a text: that itself, or where it was written.
  void put_text(Bytes text, std::uint64_t object) noexcept {
    if (text.size() <= inline_text_size) {
      std::memset(at(object), std::to_integer<int>(text_end), inline_text_size);
      copy_bytes(at(object), text);
      return;
    }
    store(object, encode_text_size(static_cast<std::uint32_t>(text.size())));
    store(object + 4, offset(object, take_place()));
  }

  // ---- Places

  /// Where nothing is.
  static constexpr std::uint64_t no_place = UINT64_MAX;

  void remember(std::uint64_t place) {
    if (!is_measuring()) places_.push_back(place);
  }
  /// The place that put() is to use next.
  std::uint64_t take_place() noexcept { return places_[next_++]; }

  /// Writes parts that lie together: own_all remembers, and put_all, which follows, takes what it
  /// remembered. Gives where the parts begin.
  std::uint64_t together(std::uint64_t align, std::uint64_t size, auto&& own_all, auto&& put_all) {
    const std::size_t mark = places_.size();
    own_all();
    pad(align);
    const std::uint64_t start = reserve(size);
    if (is_measuring()) return start;
    const std::size_t outer = std::exchange(next_, mark);
    put_all(start);
    next_ = outer;
    places_.resize(mark);
    return start;
  }

  // ---- What is shared

  /// Where the value at an address was written; the first time `write` does it.
  std::uint64_t shared(const void* address, const void* type, auto&& write) {
    const auto [seen, is_new] = shared_.try_emplace({address, type}, 0);
    if (!is_new) return seen->second;
    const std::uint64_t place = write();
    shared_[{address, type}] = place;
    // Values without a size keep places of their own.
    if (size_ == place) reserve(1);
    return place;
  }

 private:
  std::byte* target_ = nullptr;
  std::uint64_t capacity_ = 0;
  std::uint64_t size_ = 0;
  const char* problem_ = nullptr;
  std::vector<std::uint64_t> places_;
  std::size_t next_ = 0;
  std::map<std::pair<const void*, const void*>, std::uint64_t> shared_;
};

/// The description of a type in words; see schema.hpp.
class Describer {
 public:
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  Describer& operator<<(std::string_view text) {
    text_ += text;
    return *this;
  }
  /// Whether the type, which this address stands for, was described already.
  bool begin(const void* type) { return begun_.insert(type).second; }

 private:
  std::string text_;
  std::set<const void*> begun_;
};

/// An address for each type.
template <class T>
inline constexpr char type_key = 0;

}  // namespace quire::rkyv
