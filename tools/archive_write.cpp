// Writes archives: what a value owns before the value, children before parents.
#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "tools/archive_hash.hpp"
#include "tools/archive_json.hpp"
#include "tools/archive_value.hpp"

namespace kvtool {
namespace archive {
namespace {

using namespace quire::rkyv;  // NOLINT(google-build-using-namespace): the words of this file

/// Pointers reach as far.
constexpr std::size_t max_archive_size = INT32_MAX;

const std::string& text_in(const Json& value) { return value.get_ref<const std::string&>(); }

/// Writes what a value owns (children), remembering where, and then the value itself (put), which
/// asks for these places in the same order.
class ArchiveWriter {
 public:
  quire::ByteString run(const Type& root, const Json& value) {
    children(root, value);
    put_new(root, value, places_.data());
    return std::move(out_);
  }

 private:
  using Places = const std::uint64_t*;

  // ---- Bytes

  void pad(std::uint64_t align) { out_.resize(round_up(out_.size(), align)); }
  void append(quire::Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  template <class T>
  void store(std::uint64_t position, T number) {
    std::memcpy(out_.data() + position, &number, sizeof number);
  }
  static std::int32_t offset_between(std::uint64_t from, std::uint64_t to) {
    return static_cast<std::int32_t>(static_cast<std::int64_t>(to) -
                                     static_cast<std::int64_t>(from));
  }
  void point(std::uint64_t from, std::uint64_t to) { store(from, offset_between(from, to)); }
  std::uint64_t put_new(const Type& type, const Json& value, Places places) {
    pad(type.extent.align);
    const std::uint64_t position = out_.size();
    out_.resize(position + type.extent.size);
    put(type, value, position, places);
    return position;
  }

  // ---- What is owned

  /// As many places as put() takes.
  void children(const Type& type, const Json& value) {
    switch (type.kind) {
      case Kind::string: own_string(text_in(value)); return;
      case Kind::c_string: own_bytes(text_with_zero(value)); return;
      case Kind::duration:
      case Kind::structure: own_parts(type.parts, value); return;
      case Kind::enumeration: {
        const Chosen chosen = chosen_variant(type, value);
        own_fields(type, chosen);
        return;
      }
      case Kind::array:
        for (const Json& each : value) children(*type.element, each);
        return;
      case Kind::vector: own_sequence(*type.element, value); return;
      case Kind::pointer: own_pointee(*type.element, value); return;
      case Kind::niche_pointer:
        if (!value.is_null()) own_pointee(*type.element->element, value);
        return;
      case Kind::weak:
        if (!value.is_null()) own_shared(type, value);
        return;
      case Kind::shared: own_shared(type, value); return;
      case Kind::hash_map:
      case Kind::hash_set: own_table(type, value); return;
      case Kind::tree_map:
      case Kind::tree_set: own_tree(type, value); return;
      default: return;
    }
  }
  void own_parts(const std::vector<Part>& parts, const Json& value) {
    for (const Part& part : parts) children(*part.type, part_of(parts, part, value));
  }
  void own_fields(const Type& type, const Chosen& chosen) {
    if (type.word == "option") {
      if (!chosen.variant->parts.empty())
        children(*chosen.variant->parts.front().type, *chosen.fields);
      return;
    }
    own_parts(chosen.variant->parts, *chosen.fields);
  }
  void own_bytes(quire::Bytes bytes) {
    places_.push_back(out_.size());
    append(bytes);
  }
  void own_string(const std::string& text) {
    if (text.size() > inline_text_size) own_bytes(quire::as_bytes(text));
  }
  void own_sequence(const Type& element, const Json& value) {
    const std::size_t mark = places_.size();
    for (const Json& each : value) children(element, each);
    pad(element.extent.align);
    const std::uint64_t start = out_.size();
    out_.resize(start + value.size() * element.extent.size);
    put_elements(element, value, start, mark);
    places_.resize(mark);
    places_.push_back(start);
  }
  /// The places of the elements begin at the mark, in the order of the elements.
  void put_elements(const Type& element, const Json& value, std::uint64_t position,
                    std::size_t mark) {
    Places places = places_.data() + mark;
    for (const Json& each : value) {
      places = put(element, each, position, places);
      position += element.extent.size;
    }
  }
  void own_pointee(const Type& type, const Json& value) {
    if (type.kind == Kind::text) {
      own_bytes(quire::as_bytes(text_in(value)));
      return;
    }
    if (type.kind == Kind::slice) {
      own_sequence(*type.element, value);
      return;
    }
    const std::size_t mark = places_.size();
    children(type, value);
    const std::uint64_t position = put_new(type, value, places_.data() + mark);
    places_.resize(mark);
    places_.push_back(position);
  }
  void own_shared(const Type& type, const Json& value) {
    const auto number = value["shared"].get<std::uint64_t>();
    if (const auto seen = shared_.find(number); seen != shared_.end()) {
      places_.push_back(seen->second.place);
      return;
    }
    own_pointee(*type.element, value["value"]);
    const Json& shown = value["value"];
    shared_[number] = {places_.back(), shown.is_string() ? text_in(shown).size() : shown.size()};
    if (out_.size() == places_.back()) out_.push_back(std::byte());
  }

  // ---- The objects

  /// Gives the places that are left.
  Places put(const Type& type, const Json& value, std::uint64_t at, Places places) {
    switch (type.kind) {
      case Kind::integer:
        store_bits(at, integer_bits(type, value), type.extent.size);
        return places;
      case Kind::floating: store_bits(at, float_bits(type, value), type.extent.size); return places;
      case Kind::boolean: store(at, std::uint8_t{value.get<bool>()}); return places;
      case Kind::character: store(at, character_of(text_in(value)).value_or(0)); return places;
      case Kind::string: return put_string(text_in(value), at, places);
      case Kind::c_string: return put_pointer(at, text_with_zero(value).size(), places);
      case Kind::duration:
      case Kind::structure: return put_parts(type.parts, value, at, places);
      case Kind::enumeration: return put_enumeration(type, value, at, places);
      case Kind::array:
        for (const Json& each : value) {
          places = put(*type.element, each, at, places);
          at += type.element->extent.size;
        }
        return places;
      case Kind::vector: return put_pointer(at, value.size(), places);
      case Kind::pointer: return put_pointee(*type.element, value, at, places);
      case Kind::weak:
      case Kind::niche_pointer: {
        if (value.is_null()) return put_null(at, places);
        if (type.kind == Kind::weak) return put_shared(type, value, at, places);
        return put_pointee(*type.element->element, value, at, places);
      }
      case Kind::shared: return put_shared(type, value, at, places);
      case Kind::niche_integer:
        if (!value.is_null()) store_bits(at, integer_bits(*type.element, value), type.extent.size);
        return places;
      case Kind::niche_nan: return put_niche_nan(type, value, at, places);
      case Kind::niche_boolean:
        store(at, value.is_null() ? std::uint8_t{2} : std::uint8_t{value.get<bool>()});
        return places;
      case Kind::hash_map:
      case Kind::hash_set: return put_table(value, at, places);
      case Kind::tree_map:
      case Kind::tree_set: return put_tree(value, at, places);
      default: return places;
    }
  }
  Places put_null(std::uint64_t at, Places places) {
    store(at, null_offset);
    return places;
  }
  Places put_niche_nan(const Type& type, const Json& value, std::uint64_t at, Places places) {
    const bool is_single = type.extent.size == 4;
    const std::uint64_t none = is_single ? 0x7FC0'0000 : 0x7FF8'0000'0000'0000;
    store_bits(at, value.is_null() ? none : float_bits(type, value), type.extent.size);
    return places;
  }
  void store_bits(std::uint64_t at, WideNumber bits, std::uint64_t size) {
    std::memcpy(out_.data() + at, &bits, size);
  }
  Places put_string(const std::string& text, std::uint64_t at, Places places) {
    if (text.size() <= inline_text_size) {
      std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(at), inline_text_size, text_end);
      quire::copy_bytes(out_.data() + at, quire::as_bytes(text));
      return places;
    }
    store(at, encode_text_size(static_cast<std::uint32_t>(text.size())));
    store(at + 4, offset_between(at, *places));
    return places + 1;
  }
  Places put_pointer(std::uint64_t at, std::uint64_t length, Places places) {
    point(at, *places);
    store(at + 4, static_cast<std::uint32_t>(length));
    return places + 1;
  }
  Places put_pointee(const Type& type, const Json& value, std::uint64_t at, Places places) {
    if (type.kind == Kind::text) return put_pointer(at, text_in(value).size(), places);
    if (type.kind == Kind::slice) return put_pointer(at, value.size(), places);
    point(at, *places);
    return places + 1;
  }
  Places put_shared(const Type& type, const Json& value, std::uint64_t at, Places places) {
    const auto& seen = shared_.at(value["shared"].get<std::uint64_t>());
    const bool has_length = type.extent.size == 8;
    if (has_length) return put_pointer(at, seen.length, places);
    point(at, *places);
    return places + 1;
  }
  Places put_parts(const std::vector<Part>& parts, const Json& value, std::uint64_t at,
                   Places places) {
    for (const Part& part : parts)
      places = put(*part.type, part_of(parts, part, value), at + part.offset, places);
    return places;
  }
  Places put_enumeration(const Type& type, const Json& value, std::uint64_t at, Places places) {
    const Chosen chosen = chosen_variant(type, value);
    store(at, chosen.variant->tag);
    const auto& parts = chosen.variant->parts;
    if (type.word != "option") return put_parts(parts, *chosen.fields, at, places);
    if (parts.empty()) return places;
    return put(*parts.front().type, *chosen.fields, at + parts.front().offset, places);
  }

  // ---- Maps and sets

  static const Json& key_in(const Type& map, const Json& entry) {
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): entries are of the value's JSON
    return map.value == nullptr ? entry : entry[0];
  }
  void own_entry(const Type& map, const Json& entry) {
    children(*map.element, key_in(map, entry));
    if (map.value != nullptr) children(*map.value, entry[1]);
  }
  Places put_entry(const Type& map, const Json& entry, std::uint64_t key, std::uint64_t its_value,
                   Places places) {
    places = put(*map.element, key_in(map, entry), key, places);
    return map.value == nullptr ? places : put(*map.value, entry[1], its_value, places);
  }

  void own_table(const Type& map, const Json& value) {
    if (value.empty()) return;
    const HashSizes sizes(HashSizes::buckets_for(value.size()));
    std::vector<const Json*> buckets(sizes.buckets);
    std::vector<bool> is_taken(sizes.buckets);
    std::vector<std::byte> controls(sizes.controls, empty_control);
    for (const Json& entry : value) {
      const std::uint64_t hash = hash_of(*map.element, key_in(map, entry));
      const std::uint64_t index = first_free(sizes, is_taken, hash);
      is_taken[index] = true;
      buckets[index] = &entry;
      controls[index] = control_of(hash);
      if (index < sizes.mirrored()) controls[sizes.buckets + index] = control_of(hash);
    }
    const std::uint64_t place = append_table(map, buckets, controls);
    places_.push_back(place);
  }
  std::uint64_t append_table(const Type& map, const std::vector<const Json*>& buckets,
                             const std::vector<std::byte>& controls) {
    const EntryLayout layout = entry_layout(map);
    const std::size_t mark = places_.size();
    for (const Json* entry : buckets)
      if (entry != nullptr) own_entry(map, *entry);
    pad(layout.extent.align);
    const std::uint64_t end = out_.size() + buckets.size() * layout.extent.size;
    out_.resize(end);
    Places places = places_.data() + mark;
    for (std::size_t index = 0; index < buckets.size(); ++index) {
      const std::uint64_t at = end - (index + 1) * layout.extent.size;
      if (buckets[index] != nullptr)
        places = put_entry(map, *buckets[index], at, at + layout.value, places);
    }
    places_.resize(mark);
    append(controls);
    return end;
  }
  Places put_table(const Json& value, std::uint64_t at, Places places) {
    store(at + 4, static_cast<std::uint32_t>(value.size()));
    store(at + 8, static_cast<std::uint32_t>(HashSizes::buckets_for(value.size())));
    if (value.empty()) return put_null(at, places);
    point(at, *places);
    return places + 1;
  }

  void own_tree(const Type& map, const Json& value) {
    if (value.empty()) return;
    const TreeShape shape(value.size());
    Tree tree{map, node_layout(map), shape, value};
    const std::uint64_t root = own_node(tree, {});
    places_.push_back(root);
  }
  struct Tree {
    const Type& map;
    NodeLayout layout;
    TreeShape shape;
    const Json& entries;
    std::size_t next = 0;
  };
  std::uint64_t own_node(Tree& tree, TreeShape::Node node) {
    const bool is_leaf = tree.shape.is_leaf(node);
    const std::uint64_t count = tree.shape.entries(node);
    std::vector<const Json*> entries;
    std::vector<std::uint64_t> child_places;
    for (std::uint64_t index = 0; index <= count; ++index) {
      const TreeShape::Node child = node.child(index);
      if (!is_leaf)
        child_places.push_back(tree.shape.has(child) ? own_node(tree, child) : no_place);
      if (index < count) entries.push_back(&tree.entries[tree.next++]);
    }
    const std::size_t mark = places_.size();
    for (const Json* entry : entries) own_entry(tree.map, *entry);
    pad(tree.layout.align);
    const std::uint64_t at = out_.size();
    out_.resize(at + (is_leaf ? tree.layout.leaf_size : tree.layout.inner_size));
    put_node(tree, entries, child_places, at, mark);
    places_.resize(mark);
    return at;
  }
  void put_node(const Tree& tree, const std::vector<const Json*>& entries,
                const std::vector<std::uint64_t>& child_places, std::uint64_t at,
                std::size_t mark) {
    const bool is_leaf = child_places.empty();
    const std::uint64_t tail = at + tree.layout.tail;
    store(at, is_leaf ? leaf_kind : inner_kind);
    if (is_leaf) store(tail, static_cast<std::uint32_t>(entries.size()));
    for (std::size_t index = 0; index < child_places.size(); ++index) {
      if (child_places[index] == no_place)
        store(tail + 4 * index, null_offset);
      else
        point(tail + 4 * index, child_places[index]);
    }
    const std::uint64_t value_size = tree.map.value == nullptr ? 0 : tree.map.value->extent.size;
    Places places = places_.data() + mark;
    for (std::size_t index = 0; index < entries.size(); ++index)
      places = put_entry(tree.map, *entries[index],
                         at + tree.layout.keys + index * tree.map.element->extent.size,
                         at + tree.layout.values + index * value_size, places);
  }
  static constexpr std::uint64_t no_place = UINT64_MAX;
  Places put_tree(const Json& value, std::uint64_t at, Places places) {
    store(at + 4, static_cast<std::uint32_t>(value.size()));
    if (value.empty()) return put_null(at, places);
    point(at, *places);
    return places + 1;
  }

  struct Shared {
    std::uint64_t place = 0;
    std::uint64_t length = 0;
  };
  quire::ByteString out_;
  std::vector<std::uint64_t> places_;
  std::map<std::uint64_t, Shared> shared_;
};

}  // namespace
}  // namespace archive

Outcome<quire::ByteString> write_archive(const quire::rkyv::Schema& schema, const Json& value) {
  if (const auto wrong = archive::misfit(schema.root(), value))
    return trouble(ExitStatus::usage, *wrong);
  quire::ByteString archive = archive::ArchiveWriter().run(schema.root(), value);
  if (archive.size() <= archive::max_archive_size) return archive;
  return trouble(ExitStatus::usage, "an archive is of 2 GiB or more");
}

}  // namespace kvtool
