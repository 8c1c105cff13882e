// TreeView: an archived B-tree map or set, looked up and walked in place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "quire/formats/rkyv/entry.hpp"

namespace quire::rkyv {

/// A range of (key, value) views, or of key views where V is std::monostate, in the order of the
/// keys. Valid as long as the bytes are.
template <class K, class V>
class TreeView {
  using Entries = Entry<K, V>;
  static constexpr NodeLayout layout{Archive<K>::extent, Archive<V>::extent};

  struct Node {
    const std::byte* at;

    [[nodiscard]] bool is_inner() const noexcept { return *at == inner_kind; }
    [[nodiscard]] std::uint32_t size() const noexcept {
      return is_inner() ? static_cast<std::uint32_t>(node_entries)
                        : rkyv::load<std::uint32_t>(at + layout.tail);
    }
    /// Null when there is none.
    [[nodiscard]] const std::byte* child(std::uint32_t index) const noexcept {
      const std::byte* const pointer = at + layout.tail + std::size_t{4} * index;
      return is_inner() && !is_null(pointer) ? target_of(pointer) : nullptr;
    }
    [[nodiscard]] const std::byte* key(std::uint32_t index) const noexcept {
      return at + layout.keys + index * Archive<K>::extent.size;
    }
    [[nodiscard]] const std::byte* value(std::uint32_t index) const noexcept {
      return at + layout.values + index * Archive<V>::extent.size;
    }
  };

 public:
  using Key = typename Archive<K>::Lookup;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = decltype(Entries::view(nullptr, nullptr));
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(const std::byte* root) {
      descend(root);
      leave_finished();
    }
    value_type operator*() const { return Entries::view(key(), value()); }
    [[nodiscard]] const std::byte* key() const { return path_.back().node.key(path_.back().index); }
    [[nodiscard]] const std::byte* value() const {
      return path_.back().node.value(path_.back().index);
    }
    Iterator& operator++() {
      Step& step = path_.back();
      descend(step.node.child(++step.index));
      leave_finished();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept {
      if (path_.empty() || other.path_.empty()) return path_.empty() && other.path_.empty();
      return path_.back().node.at == other.path_.back().node.at &&
             path_.back().index == other.path_.back().index;
    }

   private:
    struct Step {
      Node node;
      std::uint32_t index = 0;  ///< of its next entry
    };
    void descend(const std::byte* node) {
      for (; node != nullptr; node = path_.back().node.child(0)) path_.push_back({Node{node}});
    }
    void leave_finished() {
      while (!path_.empty() && path_.back().index == path_.back().node.size()) path_.pop_back();
    }
    std::vector<Step> path_;
  };

  explicit TreeView(const std::byte* at) noexcept
      : root_(length_of(at) == 0 ? nullptr : target_of(at)), size_(length_of(at)) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Iterator begin() const { return Iterator(root_); }
  [[nodiscard]] Iterator end() const { return {}; }

  [[nodiscard]] bool contains(const Key& key) const { return find_place(key).has_value(); }
  /// The value of a key; nothing when it is not there.
  [[nodiscard]] std::optional<ViewOf<V>> find(const Key& key) const
    requires Entries::is_of_map
  {
    const auto found = find_place(key);
    if (!found) return {};
    return Archive<V>::view(found->node.value(found->index));
  }

  /// Calls visit with the addresses of every key and value.
  void for_each_place(auto&& visit) const {
    for (Iterator at = begin(); at != end(); ++at) visit(at.key(), at.value());
  }

 private:
  struct Place {
    Node node;
    std::uint32_t index;
  };
  [[nodiscard]] std::optional<Place> find_place(const Key& key) const {
    for (const std::byte* at = root_; at != nullptr;) {
      const Node node{at};
      std::uint32_t index = 0;
      for (; index < node.size(); ++index) {
        const auto order = Archive<K>::compare(key, node.key(index));
        if (order == 0) return Place{node, index};
        if (order < 0) break;
      }
      at = node.child(index);
    }
    return {};
  }

  const std::byte* root_;
  std::size_t size_;
};

}  // namespace quire::rkyv
