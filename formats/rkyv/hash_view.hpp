// HashView: an archived hash map or set, looked up and walked in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "quire/formats/rkyv/entry.hpp"

namespace quire::rkyv {

/// A forward range of (key, value) views, or of key views where V is std::monostate, in no order
/// that means anything. Valid as long as the bytes are.
template <class K, class V>
class HashView {
  using Entries = Entry<K, V>;

 public:
  using Key = typename Archive<K>::Lookup;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = decltype(Entries::view(nullptr, nullptr));
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const std::byte* controls, std::uint64_t index, std::uint64_t buckets) noexcept
        : controls_(controls), index_(index), buckets_(buckets) {
      skip();
    }
    value_type operator*() const {
      const std::byte* const key = key_in(controls_, index_);
      return Entries::view(key, key + Entries::value_offset);
    }
    Iterator& operator++() noexcept {
      ++index_;
      skip();
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }

   private:
    void skip() noexcept {
      while (index_ < buckets_ && controls_[index_] >= std::byte{0x80}) ++index_;
    }
    const std::byte* controls_ = nullptr;
    std::uint64_t index_ = 0;
    std::uint64_t buckets_ = 0;
  };

  explicit HashView(const std::byte* at) noexcept : table_(at) {}

  [[nodiscard]] std::size_t size() const noexcept { return table_.size; }
  [[nodiscard]] bool empty() const noexcept { return table_.size == 0; }
  [[nodiscard]] Iterator begin() const noexcept {
    return {table_.controls, 0, table_.sizes.buckets};
  }
  [[nodiscard]] Iterator end() const noexcept {
    return {table_.controls, table_.sizes.buckets, table_.sizes.buckets};
  }

  [[nodiscard]] bool contains(const Key& key) const { return find_key(key) != nullptr; }
  /// The value of a key; nothing when it is not there.
  [[nodiscard]] std::optional<ViewOf<V>> find(const Key& key) const
    requires Entries::is_of_map
  {
    const std::byte* const found = find_key(key);
    if (found == nullptr) return {};
    return Archive<V>::view(found + Entries::value_offset);
  }

  /// Calls visit with the addresses of every key and value.
  void for_each_place(auto&& visit) const {
    for (std::uint64_t index = 0; index < table_.sizes.buckets; ++index) {
      if (!table_.is_full(index)) continue;
      const std::byte* const key = key_in(table_.controls, index);
      visit(key, key + Entries::value_offset);
    }
  }

 private:
  static const std::byte* key_in(const std::byte* controls, std::uint64_t index) noexcept {
    return controls - (index + 1) * Entries::extent.size;
  }

  [[nodiscard]] const std::byte* find_key(const Key& key) const {
    if (empty()) return nullptr;
    Hasher hasher;
    Archive<K>::feed(hasher, key);
    const std::byte tag = control_of(hasher.hash());
    Probe probe(table_.sizes, hasher.hash());
    do {
      bool has_empty = false;
      for (std::uint64_t step = 0; step < group_size; ++step) {
        const std::byte control = table_.controls[probe.at() + step];
        has_empty |= control >= std::byte{0x80};
        if (control != tag) continue;
        const std::uint64_t index = (probe.at() + step) % table_.sizes.buckets;
        const std::byte* const found = key_in(table_.controls, index);
        if (table_.controls[index] == tag && Archive<K>::compare(key, found) == 0) return found;
      }
      if (has_empty) return nullptr;
    } while (probe.next());
    return nullptr;
  }

  HashTable table_;
};

}  // namespace quire::rkyv
