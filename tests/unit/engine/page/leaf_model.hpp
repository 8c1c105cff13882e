// LeafModel: what a leaf should hold, and random legal entries for it.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "material.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/overflow.hpp"

namespace quire::test {

struct Stored {
  std::string bytes;
  bool is_overflow = false;
  bool operator==(const Stored&) const = default;

  [[nodiscard]] LeafValue value() const { return {as_bytes(bytes), is_overflow}; }
};

using LeafModel = std::map<std::string, Stored>;

/// Gives random values that are legal beside a key: mostly of one length, so that rows come about.
class ValueSource {
 public:
  ValueSource(Random& random, std::uint32_t page_size)
      : random_(random),
        largest_(layout::max_inline_size(page_size)),
        usual_(random.below(random.one_in(4) ? 200 : 24)),
        chances_of_unusual_(random.one_in(2) ? 3 : 60) {}

  Stored next(std::size_t key_size) {
    const std::size_t room = largest_ - std::min<std::size_t>(key_size, largest_);
    if (!random_.one_in(chances_of_unusual_)) return {random_.bytes(std::min(usual_, room))};
    if (random_.one_in(4)) return reference();
    return {random_.bytes(random_.below(random_.one_in(8) ? room + 1 : std::min(room, 40UL) + 1))};
  }

 private:
  Stored reference() {
    const auto made = make_overflow_reference(1 + random_.below(1000), 1 + random_.below(1 << 20));
    return {std::string(as_text(std::as_bytes(std::span(&made, 1)))), true};
  }

  Random& random_;
  std::size_t largest_;
  std::size_t usual_;
  std::uint32_t chances_of_unusual_;
};

inline bool same(const LeafValue& value, const Stored& stored) {
  return value.is_overflow == stored.is_overflow && as_text(value.bytes) == stored.bytes;
}

/// Whether this is what a key has behind those first bytes that it names, and nothing behind the
/// page may be read.
inline bool is_end_of(const KeyEnd& end, const std::string& key, const PageBuffer& page) {
  if (end.kept + end.size != key.size()) return false;
  const Bytes kept = as_bytes(key).first(end.kept);
  if (end.kept < layout::head_size && end.kept_front != head_at(kept, 0)) return false;
  const std::size_t in_front = std::min(end.size, end.front.size());
  const std::size_t in_tail = end.size - in_front;
  if (as_text(Bytes(end.front).first(in_front)) != key.substr(end.kept, in_front)) return false;
  if (in_tail == 0) return true;
  const Bytes whole(page.bytes());
  return end.readable >= in_tail && end.tail >= whole.data() &&
         end.tail + end.readable <= whole.data() + whole.size() &&
         as_text({end.tail, in_tail}) == key.substr(end.kept + in_front);
}

/// Law: rows with keys of up to eight bytes behind the prefix are told, and what is said of each of
/// them without asking is what is said of any entry.
inline bool is_row_of(const LeafReader& reader, const LeafView& leaf, std::uint32_t index,
                      const std::string& key, const Stored& stored, const PageBuffer& page) {
  const bool is_row = reader.has_rows_of(key.size(), leaf.alignment());
  if (reader.has_rows_of(key.size() + 1, leaf.alignment())) return false;
  for (std::uint32_t alignment = 2 * leaf.alignment(); alignment <= 64; alignment *= 2) {
    if (reader.has_rows_of(key.size(), alignment) &&
        !is_aligned(reader.row_value(index), alignment))
      return false;
  }
  const std::size_t rest = key.size() - leaf.prefix_length();
  if (is_row != (leaf.is_rows() && rest > 0 && rest <= layout::head_size)) return false;
  return !is_row || (same({reader.row_value(index)}, stored) &&
                     is_end_of(reader.row_key_end(index, key.size()), key, page));
}

/// Law: the leaf holds what the model holds, in the model's order, and finds it.
inline void check_leaf_is(const PageBuffer& page, const LeafModel& model) {
  const LeafView leaf(page.bytes().data(), page.size());
  REQUIRE(leaf.count() == model.size());
  KeyBuffer buffer;
  LeafReader reader;
  reader.enter(leaf);
  std::uint32_t index = 0;
  for (const auto& [key, stored] : model) {
    const LeafValue value = leaf.value(index);
    const EntrySizes sizes = leaf.sizes(index);
    const Position found = leaf.find(as_bytes(key));
    const bool right =
        as_text(leaf.key(index, buffer)) == key && as_text(reader.key(index)) == key &&
        same(value, stored) && same(reader.value(index), stored) && found.found &&
        found.index == index && is_end_of(reader.key_end(index), key, page) &&
        is_row_of(reader, leaf, index, key, stored, page) && sizes.key == key.size() &&
        sizes.value == stored.bytes.size() && sizes.is_overflow == stored.is_overflow &&
        (stored.bytes.empty() || is_aligned(value.bytes, leaf.alignment()));
    CAPTURE(index);
    REQUIRE(right);
    ++index;
  }
}

/// Where the key is or would be, by the model.
inline std::uint32_t model_index(const LeafModel& model, const std::string& key) {
  return static_cast<std::uint32_t>(std::distance(model.begin(), model.lower_bound(key)));
}

}  // namespace quire::test
