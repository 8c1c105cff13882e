// Pieces: a large value that is read in place, one piece after the other.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <span>
#include <string_view>

#include "quire/engine/engine.hpp"

namespace quire {

/// The pieces of bytes or of a text, all of one size but for the last: a forward range, and a view.
/// When an iterator comes to a piece, the system is asked to read the one behind it, so that a
/// value that is not in memory comes in long reads while the piece before it is at work. Does not
/// keep the value: the guard must outlive it. Thread-safe to read.
template <class Whole>
  requires std::same_as<Whole, Bytes> || std::same_as<Whole, std::string_view>
class Pieces : public std::ranges::view_interface<Pieces<Whole>> {
 public:
  class Iterator;

  Pieces() = default;
  Pieces(Whole whole, std::size_t piece_size)
      : whole_(whole), piece_size_(std::max<std::size_t>(piece_size, 1)) {}

  [[nodiscard]] Iterator begin() const {
    ask_for(0);
    return Iterator(*this, 0);
  }
  [[nodiscard]] Iterator end() const { return Iterator(*this, whole_.size()); }
  [[nodiscard]] std::size_t size() const {
    return whole_.size() / piece_size_ + (whole_.size() % piece_size_ == 0 ? 0 : 1);
  }

 private:
  [[nodiscard]] Whole at(std::size_t begin) const {
    const std::size_t size = std::min(piece_size_, whole_.size() - begin);
    if constexpr (std::same_as<Whole, Bytes>) {
      return whole_.subspan(begin, size);
    } else {
      return whole_.substr(begin, size);
    }
  }
  void ask_for(std::size_t begin) const {
    if (begin < whole_.size()) read_ahead(std::as_bytes(std::span(at(begin))));
  }

  Whole whole_;
  std::size_t piece_size_ = 1;
};

/// Good as long as the value. Not thread-safe.
template <class Whole>
  requires std::same_as<Whole, Bytes> || std::same_as<Whole, std::string_view>
class Pieces<Whole>::Iterator {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using value_type = Whole;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const Pieces& pieces, std::size_t begin) : pieces_(pieces), begin_(begin) {
    look_ahead();
  }

  Whole operator*() const { return pieces_.at(begin_); }
  Iterator& operator++() {
    begin_ += (**this).size();
    look_ahead();
    return *this;
  }
  Iterator operator++(int) {
    Iterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Iterator& other) const { return begin_ == other.begin_; }

 private:
  void look_ahead() const {
    if (begin_ < pieces_.whole_.size()) pieces_.ask_for(begin_ + (**this).size());
  }

  Pieces pieces_;
  std::size_t begin_ = 0;
};

/// What a guard of bytes or of a text shows, in pieces of so many bytes:
///   for (quire::Bytes piece : quire::pieces(*guard)) send(piece);
inline Pieces<Bytes> pieces(Bytes value, std::size_t piece_size = std::size_t{1} << 20) {
  return {value, piece_size};
}
inline Pieces<std::string_view> pieces(std::string_view value,
                                       std::size_t piece_size = std::size_t{1} << 20) {
  return {value, piece_size};
}

}  // namespace quire
