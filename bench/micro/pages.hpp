// Pages for the benchmarks: leaves and branches of three kinds of keys, more or less full.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data.hpp"
#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/page/separator.hpp"

namespace bench {

enum class KeyKind : std::uint8_t {
  number,   ///< 8 bytes
  wide,     ///< 24 bytes
  address,  ///< texts that begin alike
};

inline std::string name_of(KeyKind kind) {
  constexpr std::array<const char*, 3> names{"u64", "24 bytes", "URL"};
  return names[static_cast<std::size_t>(kind)];
}

/// Its bytes, for a table of that kind of keys.
inline std::string key_of(KeyKind kind, std::uint64_t number) {
  const auto bytes = SortableKey(mix(number)).bytes();
  const std::string text(quire::as_text(bytes));
  if (kind == KeyKind::number) return text;
  if (kind == KeyKind::wide) return text + std::string(16, 'k');
  return "https://www.example.org/articles/" + std::to_string(mix(number) % 1'000'000);
}

/// Distinct, in order.
inline std::vector<std::string> sorted_keys(KeyKind kind, std::size_t count) {
  std::vector<std::string> keys;
  for (std::uint64_t number = 0; number < count; ++number) keys.push_back(key_of(kind, number));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// A page and the keys that are in it; of a branch, one below each separator.
class Page {
 public:
  static constexpr std::uint32_t size = quire::layout::default_page_size;
  static constexpr std::size_t most_keys = 400;  ///< more than fit; of the numbers from 0 on

  /// So many hundredths full, of values of 16 bytes.
  static Page leaf(KeyKind kind, std::size_t fill) {
    Page page;
    quire::LeafEditor::format(page.bytes(), 1);
    quire::LeafEditor editor(page.bytes());
    for (const std::string& key : sorted_keys(kind, most_keys)) {
      if (editor.used_size() * 100 >= fill * size || !page.append(editor, key)) break;
    }
    return page;
  }

  /// The separators are as short as they get.
  static Page branch(KeyKind kind, std::size_t fill) {
    Page page;
    quire::BranchEditor::format(page.bytes(), quire::Level{1}, child(0));
    quire::BranchEditor editor(page.bytes());
    const std::vector<std::string> keys = sorted_keys(kind, most_keys);
    for (std::uint32_t index = 0; index + 1 < keys.size(); ++index) {
      const quire::Bytes separator =
          quire::shortest_separator(quire::as_bytes(keys[index]), quire::as_bytes(keys[index + 1]));
      if (editor.used_size() * 100 >= fill * size) break;
      if (!editor.insert(index, separator, child(index + 1))) break;
      page.keys_.push_back(keys[index]);
    }
    return page;
  }

  [[nodiscard]] quire::MutableBytes bytes() noexcept { return bytes_; }
  [[nodiscard]] quire::LeafView leaf() const noexcept { return {bytes_.data(), size}; }
  [[nodiscard]] quire::BranchView branch() const noexcept { return {bytes_.data(), size}; }
  [[nodiscard]] const std::vector<std::string>& keys() const noexcept { return keys_; }

  /// Some of these keys, in no order.
  static constexpr std::size_t pick_count = 1024;
  [[nodiscard]] std::vector<std::string> picks() const {
    std::vector<std::string> picked;
    for (std::uint64_t number = 0; number < pick_count; ++number)
      picked.push_back(keys_[mix(number) % keys_.size()]);
    return picked;
  }

 private:
  static quire::Child child(std::uint32_t number) {
    return {quire::PageRef::from_raw(number + 100), 37};
  }
  bool append(quire::LeafEditor& editor, const std::string& key) {
    static constexpr std::array<std::byte, 16> value{};
    const auto index = static_cast<std::uint32_t>(keys_.size());
    if (!editor.insert(index, quire::as_bytes(key), {value, false})) return false;
    keys_.push_back(key);
    return true;
  }

  alignas(quire::layout::max_value_alignment) std::array<std::byte, size> bytes_{};
  std::vector<std::string> keys_;
};

}  // namespace bench
