#include "quire/formats/rkyv/check.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>

#include "quire/formats/utf8.hpp"

namespace quire::rkyv {
namespace {

/// One walk from the root. Positions are signed: pointers may lead anywhere.
class Checker {
 public:
  using Position = std::int64_t;

  Checker(Bytes archive, std::uint32_t max_depth)
      : bytes_(archive), high_(static_cast<Position>(archive.size())), depth_left_(max_depth) {}

  Status run(const Type& root) {
    const Position size = static_cast<Position>(root.extent.size);
    const Position start = std::max<Position>(high_ - size, 0);
    const bool is_valid = block(start, root.extent, [&] { return value(root, start); });
    if (is_valid) return {};
    return fail(Error(ErrorCode::corrupt)
                    .with_detail(std::string("a value is no archive of its type: ") + reason_ +
                                 " at byte " + std::to_string(where_) + " of " +
                                 std::to_string(bytes_.size())));
  }

 private:
  // ---- Bytes

  bool refuse(const char* reason, Position where) {
    reason_ = reason;
    where_ = where;
    return false;
  }
  [[nodiscard]] const std::byte* at(Position position) const { return bytes_.data() + position; }
  template <class T>
  [[nodiscard]] T number(Position position) const {
    return load<T>(at(position));
  }
  [[nodiscard]] Position target(Position pointer) const {
    return pointer + number<std::int32_t>(pointer);
  }
  [[nodiscard]] std::uint64_t length(Position pointer) const {
    return number<std::uint32_t>(pointer + 4);
  }

  /// What is owned lies in the room that is left, and its own blocks before it.
  template <class Contents>
  bool block(Position start, Extent extent, const Contents& contents) {
    // Sizes are products of numbers that anybody may have chosen: compared without a sign.
    const bool is_inside =
        start >= low_ && start <= high_ && extent.size <= static_cast<std::uint64_t>(high_ - start);
    if (!is_inside) return refuse("a pointer leads out of its room", start);
    if (start % static_cast<Position>(extent.align) != 0)
      return refuse("something is not aligned", start);
    if (depth_left_ == 0) return refuse("it is nested too deep", start);
    const Position high = std::exchange(high_, start);
    --depth_left_;
    if (!contents()) return false;
    ++depth_left_;
    low_ = start + static_cast<Position>(extent.size);
    high_ = high;
    return true;
  }

  // ---- Values

  bool value(const Type& type, Position position) {
    if (type.is_free) return true;
    switch (type.kind) {
      case Kind::boolean:
        return number<std::uint8_t>(position) <= 1 || refuse("a bool is neither 0 nor 1", position);
      case Kind::character:
        return is_character(number<std::uint32_t>(position)) || refuse("a char is none", position);
      case Kind::integer: return is_nonzero(type, position) || refuse("a nonzero is 0", position);
      case Kind::duration:
        return number<std::uint32_t>(position + 8) < 1'000'000'000 ||
               refuse("a duration has a second of nanoseconds", position);
      case Kind::string: return string(position);
      case Kind::c_string: return c_string(position);
      case Kind::structure: return parts(type.parts, position);
      case Kind::enumeration: return enumeration(type, position);
      case Kind::array: return elements(*type.element, position, type.count);
      case Kind::vector: return sequence(*type.element, target(position), length(position));
      case Kind::pointer: return pointee(*type.element, position);
      case Kind::niche_pointer:
        return number<std::int32_t>(position) == null_offset ||
               pointee(*type.element->element, position);
      case Kind::weak:
        if (number<std::int32_t>(position) == null_offset) return true;
        [[fallthrough]];
      case Kind::shared: return shared(type, position);
      case Kind::hash_map:
      case Kind::hash_set: return hash_table(type, position);
      case Kind::tree_map:
      case Kind::tree_set: return tree(type, position);
      default: return true;  // what any bytes are
    }
  }

  [[nodiscard]] bool is_nonzero(const Type& type, Position position) const {
    const Bytes bytes(at(position), type.extent.size);
    return std::any_of(bytes.begin(), bytes.end(),
                       [](std::byte byte) { return byte != std::byte(); });
  }
  bool parts(const std::vector<Part>& parts, Position position) {
    return std::all_of(parts.begin(), parts.end(), [&](const Part& part) {
      return value(*part.type, position + static_cast<Position>(part.offset));
    });
  }
  bool enumeration(const Type& type, Position position) {
    const Variant* const variant = type.variant(number<std::uint8_t>(position));
    return variant != nullptr ? parts(variant->parts, position)
                              : refuse("an enum has no such variant", position);
  }
  bool elements(const Type& element, Position position, std::uint64_t count) {
    if (element.is_free || element.extent.size == 0) return true;
    for (; count != 0; --count, position += static_cast<Position>(element.extent.size))
      if (!value(element, position)) return false;
    return true;
  }

  // ---- Texts

  bool text(Position position, std::uint64_t size) {
    return is_utf8({at(position), size}) || refuse("a text is not UTF-8", position);
  }
  bool string(Position position) {
    if (is_inline_text(at(position))) return text(position, text_of(at(position)).size());
    const std::uint32_t size = decode_text_size(number<std::uint32_t>(position));
    if (size <= inline_text_size) return refuse("a short text lies elsewhere", position);
    const Position start = position + number<std::int32_t>(position + 4);
    return block(start, {size, 1}, [&] { return text(start, size); });
  }
  bool c_string(Position position) {
    const Position start = target(position);
    const std::uint64_t size = length(position);
    return block(start, {size, 1}, [&] {
      const Bytes bytes(at(start), size);
      const auto zero = std::find(bytes.begin(), bytes.end(), std::byte());
      return (!bytes.empty() && zero == bytes.end() - 1) ||
             refuse("a text does not end at its first 0", start);
    });
  }

  // ---- What pointers lead to

  bool sequence(const Type& element, Position start, std::uint64_t count) {
    return block(start, {count * element.extent.size, element.extent.align},
                 [&] { return elements(element, start, count); });
  }
  bool pointee(const Type& type, Position pointer) {
    const Position start = target(pointer);
    if (type.kind == Kind::slice) return sequence(*type.element, start, length(pointer));
    if (type.kind == Kind::text)
      return block(start, {length(pointer), 1}, [&] { return text(start, length(pointer)); });
    return block(start, type.extent, [&] { return value(type, start); });
  }

  struct Shared {
    const Type* type;
    bool is_atomic;
    std::uint64_t length;
    bool is_whole;
  };
  /// The first pointer owns it; the others must be of its type.
  bool shared(const Type& type, Position pointer) {
    const bool has_length = type.extent.size == 8;
    const std::uint64_t size = has_length ? length(pointer) : 0;
    const Position start = target(pointer);
    const auto [seen, is_new] =
        shared_.try_emplace(start, Shared{type.element, type.is_atomic, size, false});
    if (!is_new) {
      const Shared& first = seen->second;
      return (first.type == type.element && first.is_atomic == type.is_atomic &&
              first.length == size && first.is_whole) ||
             refuse("a shared value is of two types or in itself", pointer);
    }
    if (!pointee(*type.element, pointer)) return false;
    shared_[start].is_whole = true;
    return true;
  }

  // ---- Maps and sets

  bool entry(const Type& map, Position key, Position its_value) {
    return value(*map.element, key) && (map.value == nullptr || value(*map.value, its_value));
  }

  bool hash_table(const Type& map, Position position) {
    const std::uint64_t size = number<std::uint32_t>(position + 4);
    const HashSizes sizes(number<std::uint32_t>(position + 8));
    if (size == 0 && sizes.buckets == 0) return true;
    if (size >= sizes.buckets) return refuse("a hash table has no empty bucket", position);
    const EntryLayout layout = entry_layout(map);
    const Position controls = target(position);
    const std::uint64_t room = bytes_.size();
    if (sizes.buckets > room || layout.extent.size > room)
      return refuse("a hash table is larger than the archive", position);
    const std::uint64_t buckets_size = sizes.buckets * layout.extent.size;
    return block(controls - static_cast<Position>(buckets_size),
                 {buckets_size + sizes.controls, layout.extent.align},
                 [&] { return buckets(map, layout, sizes, controls, size); });
  }
  bool buckets(const Type& map, const EntryLayout& layout, const HashSizes& sizes,
               Position controls, std::uint64_t size) {
    std::uint64_t full = 0;
    for (std::uint64_t index = 0; index < sizes.buckets; ++index) {
      const std::byte control = *at(controls + static_cast<Position>(index));
      if (control == empty_control) continue;
      if (control >= std::byte{0x80}) return refuse("a control byte is none", controls);
      ++full;
      const Position key = controls - static_cast<Position>((index + 1) * layout.extent.size);
      if (!entry(map, key, key + static_cast<Position>(layout.value))) return false;
    }
    if (full != size) return refuse("a hash table has another number of entries", controls);
    return is_mirrored(sizes, controls) || refuse("control bytes are not repeated", controls);
  }
  [[nodiscard]] bool is_mirrored(const HashSizes& sizes, Position controls) const {
    const std::byte* const first = at(controls);
    const std::byte* const mirror = first + sizes.buckets;
    const std::byte* const end = first + sizes.controls;
    return std::equal(first, first + sizes.mirrored(), mirror) &&
           std::all_of(mirror + sizes.mirrored(), end,
                       [](std::byte control) { return control == empty_control; });
  }

  bool tree(const Type& map, Position position) {
    const std::uint64_t size = length(position);
    if (size == 0) return true;
    std::uint64_t found = 0;
    if (!node(map, node_layout(map), target(position), found)) return false;
    return found == size || refuse("a B-tree has another number of entries", position);
  }
  bool node(const Type& map, const NodeLayout& layout, Position start, std::uint64_t& found) {
    if (start < low_ || start >= high_) return refuse("a pointer leads out of its room", start);
    const std::byte kind = *at(start);
    if (kind != leaf_kind && kind != inner_kind) return refuse("a node of a B-tree is none", start);
    const bool is_leaf = kind == leaf_kind;
    return block(start, {is_leaf ? layout.leaf_size : layout.inner_size, layout.align}, [&] {
      const Position tail = start + static_cast<Position>(layout.tail);
      const std::uint64_t count = is_leaf ? number<std::uint32_t>(tail) : node_entries;
      if (count > node_entries)
        return refuse("a node of a B-tree has more than its entries", start);
      if (!is_leaf && !children(map, layout, tail, found)) return false;
      found += count;
      return entries(map, layout, start, count);
    });
  }
  bool children(const Type& map, const NodeLayout& layout, Position first, std::uint64_t& found) {
    for (std::uint64_t index = 0; index < node_children; ++index) {
      const Position child = first + static_cast<Position>(4 * index);
      if (number<std::int32_t>(child) == null_offset) continue;
      if (!node(map, layout, target(child), found)) return false;
    }
    return true;
  }
  bool entries(const Type& map, const NodeLayout& layout, Position start, std::uint64_t count) {
    for (std::uint64_t index = 0; index < count; ++index) {
      const std::uint64_t key = layout.keys + index * map.element->extent.size;
      const std::uint64_t its_value =
          layout.values + (map.value == nullptr ? 0 : index * map.value->extent.size);
      if (!entry(map, start + static_cast<Position>(key), start + static_cast<Position>(its_value)))
        return false;
    }
    return true;
  }

  Bytes bytes_;
  Position low_ = 0;
  Position high_;
  std::uint32_t depth_left_;
  std::unordered_map<Position, Shared> shared_;
  const char* reason_ = "";
  Position where_ = 0;
};

}  // namespace

void lack_memory() {
  static_cast<void>(std::allocator<std::uint64_t>().allocate(SIZE_MAX));
  std::abort();  // that cannot be had
}

Status check(const Schema& schema, Bytes archive, std::uint32_t max_depth) {
  return Checker(archive, max_depth).run(schema.root());
}

}  // namespace quire::rkyv
