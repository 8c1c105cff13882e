// SequenceView: archived elements that lie one behind the other, read in place.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "quire/formats/rkyv/archive.hpp"

namespace quire::rkyv {

/// A random-access range of views, which are made when they are asked for. Valid as long as the
/// bytes are.
template <class T>
class SequenceView {
 public:
  using value_type = ViewOf<T>;

  class Iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = ViewOf<T>;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    using pointer = void;

    Iterator() = default;
    Iterator(const std::byte* first, std::ptrdiff_t index) noexcept
        : first_(first), index_(index) {}
    value_type operator*() const { return element(first_, index_); }
    value_type operator[](std::ptrdiff_t step) const { return element(first_, index_ + step); }
    Iterator& operator++() noexcept { return *this += 1; }
    Iterator& operator--() noexcept { return *this -= 1; }
    Iterator operator++(int) noexcept { return {first_, index_++}; }
    Iterator operator--(int) noexcept { return {first_, index_--}; }
    Iterator& operator+=(std::ptrdiff_t step) noexcept {
      index_ += step;
      return *this;
    }
    Iterator& operator-=(std::ptrdiff_t step) noexcept { return *this += -step; }
    friend Iterator operator+(Iterator at, std::ptrdiff_t step) noexcept { return at += step; }
    friend Iterator operator+(std::ptrdiff_t step, Iterator at) noexcept { return at += step; }
    friend Iterator operator-(Iterator at, std::ptrdiff_t step) noexcept { return at -= step; }
    friend std::ptrdiff_t operator-(const Iterator& left, const Iterator& right) noexcept {
      return left.index_ - right.index_;
    }
    friend bool operator==(const Iterator& left, const Iterator& right) noexcept {
      return left.index_ == right.index_;
    }
    friend auto operator<=>(const Iterator& left, const Iterator& right) noexcept {
      return left.index_ <=> right.index_;
    }

   private:
    const std::byte* first_ = nullptr;
    std::ptrdiff_t index_ = 0;
  };

  SequenceView(const std::byte* first, std::size_t size) noexcept : first_(first), size_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// index must be below size().
  [[nodiscard]] value_type operator[](std::size_t index) const {
    return element(first_, static_cast<std::ptrdiff_t>(index));
  }
  [[nodiscard]] value_type front() const { return (*this)[0]; }
  [[nodiscard]] value_type back() const { return (*this)[size_ - 1]; }
  [[nodiscard]] Iterator begin() const noexcept { return {first_, 0}; }
  [[nodiscard]] Iterator end() const noexcept {
    return {first_, static_cast<std::ptrdiff_t>(size_)};
  }
  /// The address of the first element.
  [[nodiscard]] const std::byte* data() const noexcept { return first_; }

 private:
  static value_type element(const std::byte* first, std::ptrdiff_t index) {
    return Archive<T>::view(first + index * static_cast<std::ptrdiff_t>(Archive<T>::extent.size));
  }

  const std::byte* first_;
  std::size_t size_;
};

}  // namespace quire::rkyv
