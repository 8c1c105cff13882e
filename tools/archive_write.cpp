// Writes archives: what a value owns before the value, children before parents.
#include <array>
#include <cstring>
#include <map>
#include <vector>

#include "quire/formats/rkyv/encoder.hpp"
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

/// What a pointer to a sequence or a text says of its length.
std::size_t length_of_pointee(const Json& value) {
  return value.is_string() ? text_in(value).size() : value.size();
}

/// The Encoder's two halves, own and put, for types that are known by their schema.
class ArchiveWriter {
 public:
  explicit ArchiveWriter(Encoder& encoder) : encoder_(encoder) {}

  std::uint64_t append(const Type& type, const Json& value) {
    return encoder_.together(
        type.extent.align, type.extent.size, [&] { own(type, value); },
        [&](std::uint64_t at) { put(type, value, at); });
  }
  /// Whether it has hash tables that would take very long; what was appended is of no use then.
  [[nodiscard]] bool is_hostile() const { return is_hostile_; }

 private:
  // ---- What is owned

  void own(const Type& type, const Json& value) {
    switch (type.kind) {
      case Kind::string:
        if (text_in(value).size() > inline_text_size) encoder_.remember(append_text(value));
        return;
      case Kind::c_string: encoder_.remember(encoder_.append(text_with_zero(value))); return;
      case Kind::duration:
      case Kind::structure: own_parts(type.parts, value); return;
      case Kind::enumeration: own_fields(type, chosen_variant(type, value)); return;
      case Kind::array:
        for (const Json& each : value) own(*type.element, each);
        return;
      case Kind::vector: encoder_.remember(append_sequence(*type.element, value)); return;
      case Kind::pointer: encoder_.remember(append_pointee(*type.element, value)); return;
      case Kind::niche_pointer:
        encoder_.remember(value.is_null() ? Encoder::no_place
                                          : append_pointee(*type.element->element, value));
        return;
      case Kind::weak:
      case Kind::shared: own_shared(type, value); return;
      case Kind::hash_map:
      case Kind::hash_set: own_table(type, value); return;
      case Kind::tree_map:
      case Kind::tree_set: own_tree(type, value); return;
      default: return;
    }
  }
  std::uint64_t append_text(const Json& value) {
    return encoder_.append(quire::as_bytes(text_in(value)));
  }
  void own_parts(const std::vector<Part>& parts, const Json& value) {
    for (const Part& part : parts) own(*part.type, part_of(parts, part, value));
  }
  void own_fields(const Type& type, const Chosen& chosen) {
    const auto& parts = chosen.variant->parts;
    if (type.word != "option")
      own_parts(parts, *chosen.fields);
    else if (!parts.empty())
      own(*parts.front().type, *chosen.fields);
  }
  std::uint64_t append_sequence(const Type& element, const Json& values) {
    return encoder_.together(
        element.extent.align, values.size() * element.extent.size,
        [&] {
          for (const Json& each : values) own(element, each);
        },
        [&](std::uint64_t at) { put_elements(element, values, at); });
  }
  std::uint64_t append_pointee(const Type& type, const Json& value) {
    if (type.kind == Kind::text) return append_text(value);
    return type.kind == Kind::slice ? append_sequence(*type.element, value) : append(type, value);
  }
  void own_shared(const Type& type, const Json& value) {
    if (value.is_null()) {
      encoder_.remember(Encoder::no_place);
      return;
    }
    const Json* const first = shared_.try_emplace(number_of_shared(value), &value).first->second;
    encoder_.remember(encoder_.shared(
        first, type.element, [&] { return append_pointee(*type.element, (*first)["value"]); }));
  }
  static std::uint64_t number_of_shared(const Json& value) {
    return value["shared"].get<std::uint64_t>();
  }

  // ---- The objects

  void put(const Type& type, const Json& value, std::uint64_t at) {
    switch (type.kind) {
      case Kind::integer: store_bits(at, integer_bits(type, value), type); return;
      case Kind::floating: store_bits(at, float_bits(type, value), type); return;
      case Kind::boolean: encoder_.store(at, std::uint8_t{value.get<bool>()}); return;
      case Kind::character: encoder_.store(at, character_of(text_in(value)).value_or(0)); return;
      case Kind::string: encoder_.put_text(quire::as_bytes(text_in(value)), at); return;
      case Kind::c_string: put_pointer(at, text_with_zero(value).size()); return;
      case Kind::duration:
      case Kind::structure: put_parts(type.parts, value, at); return;
      case Kind::enumeration: put_enumeration(type, value, at); return;
      case Kind::array: put_elements(*type.element, value, at); return;
      case Kind::vector: put_pointer(at, value.size()); return;
      case Kind::pointer:
      case Kind::niche_pointer: put_pointer_to(type, value, at); return;
      case Kind::weak:
      case Kind::shared: put_shared(type, value, at); return;
      case Kind::niche_integer:
        if (!value.is_null()) store_bits(at, integer_bits(*type.element, value), type);
        return;
      case Kind::niche_nan:
        store_bits(at, value.is_null() ? no_number(type) : float_bits(type, value), type);
        return;
      case Kind::niche_boolean:
        encoder_.store(at, value.is_null() ? std::uint8_t{2} : std::uint8_t{value.get<bool>()});
        return;
      case Kind::hash_map:
      case Kind::hash_set:
        put_pointer(at, value.size());
        encoder_.store(at + 8, static_cast<std::uint32_t>(HashSizes::buckets_for(value.size())));
        return;
      case Kind::tree_map:
      case Kind::tree_set: put_pointer(at, value.size()); return;
      default: return;
    }
  }
  static WideNumber no_number(const Type& type) {
    return type.extent.size == 4 ? 0x7FC0'0000 : 0x7FF8'0000'0000'0000;
  }
  void store_bits(std::uint64_t at, WideNumber bits, const Type& type) {
    std::memcpy(encoder_.at(at), &bits, type.extent.size);
  }
  void put_pointer(std::uint64_t at, std::uint64_t length) {
    encoder_.point(at, encoder_.take_place());
    encoder_.store(at + 4, static_cast<std::uint32_t>(length));
  }
  /// With a length where the pointer has one.
  void put_pointer_to(const Type& type, const Json& value, std::uint64_t at) {
    if (type.extent.size == 8 && !value.is_null())
      put_pointer(at, length_of_pointee(value));
    else
      encoder_.point(at, encoder_.take_place());
  }
  void put_shared(const Type& type, const Json& value, std::uint64_t at) {
    const Json none;
    const bool is_there = !value.is_null();
    put_pointer_to(type, is_there ? (*shared_.at(number_of_shared(value)))["value"] : none, at);
  }
  void put_parts(const std::vector<Part>& parts, const Json& value, std::uint64_t at) {
    for (const Part& part : parts) put(*part.type, part_of(parts, part, value), at + part.offset);
  }
  void put_enumeration(const Type& type, const Json& value, std::uint64_t at) {
    const Chosen chosen = chosen_variant(type, value);
    const auto& parts = chosen.variant->parts;
    encoder_.store(at, chosen.variant->tag);
    if (type.word != "option")
      put_parts(parts, *chosen.fields, at);
    else if (!parts.empty())
      put(*parts.front().type, *chosen.fields, at + parts.front().offset);
  }
  void put_elements(const Type& element, const Json& values, std::uint64_t at) {
    for (const Json& each : values) {
      put(element, each, at);
      at += element.extent.size;
    }
  }

  // ---- Maps and sets

  static const Json& key_in(const Type& map, const Json& entry) {
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): entries are of the value's JSON
    return map.value == nullptr ? entry : entry[0];
  }
  void own_entry(const Type& map, const Json& entry) {
    own(*map.element, key_in(map, entry));
    if (map.value != nullptr) own(*map.value, entry[1]);
  }
  void put_entry(const Type& map, const Json& entry, std::uint64_t key, std::uint64_t its_value) {
    put(*map.element, key_in(map, entry), key);
    if (map.value != nullptr) put(*map.value, entry[1], its_value);
  }

  void own_table(const Type& map, const Json& values) {
    if (values.empty()) {
      encoder_.remember(Encoder::no_place);
      return;
    }
    const HashSizes sizes(HashSizes::buckets_for(values.size()));
    std::vector<const Json*> buckets(sizes.buckets);
    BucketFiller filler(sizes);
    for (const Json& entry : values) {
      const std::uint64_t hash = hash_of(*map.element, key_in(map, entry));
      const auto index = filler.first_empty(hash);
      if (!index) {
        is_hostile_ = true;
        encoder_.remember(Encoder::no_place);
        return;
      }
      filler.fill(*index, hash);
      buckets[*index] = &entry;
    }
    const std::uint64_t size_each = entry_layout(map).extent.size;
    encoder_.remember(append_buckets(map, buckets) + buckets.size() * size_each);
    encoder_.append(filler.controls());
  }
  /// The last one first; where they begin.
  std::uint64_t append_buckets(const Type& map, const std::vector<const Json*>& buckets) {
    const EntryLayout layout = entry_layout(map);
    const std::uint64_t size = buckets.size() * layout.extent.size;
    return encoder_.together(
        layout.extent.align, size,
        [&] {
          for (const Json* entry : buckets)
            if (entry != nullptr) own_entry(map, *entry);
        },
        [&](std::uint64_t start) {
          std::uint64_t at = start + size;
          for (const Json* entry : buckets) {
            at -= layout.extent.size;
            if (entry != nullptr) put_entry(map, *entry, at, at + layout.value);
          }
        });
  }

  struct Tree {
    const Type& map;
    NodeLayout layout;
    TreeShape shape;
    const Json& entries;
    std::size_t next = 0;
  };
  struct Node {
    std::uint64_t count = 0;
    bool is_leaf = true;
    std::array<const Json*, node_entries> entries{};
    std::array<std::uint64_t, node_children> children{};
  };
  void own_tree(const Type& map, const Json& values) {
    Tree tree{.map = map,
              .layout = node_layout(map),
              .shape = TreeShape(values.size()),
              .entries = values};
    encoder_.remember(values.empty() ? Encoder::no_place : append_node(tree, {}));
  }
  std::uint64_t append_node(Tree& tree, TreeShape::Node place) {
    Node node{.count = tree.shape.entries(place), .is_leaf = tree.shape.is_leaf(place)};
    node.children.fill(Encoder::no_place);
    for (std::uint64_t index = 0; index <= node.count; ++index) {
      const TreeShape::Node child = place.child(index);
      if (!node.is_leaf && tree.shape.has(child)) node.children[index] = append_node(tree, child);
      if (index < node.count) node.entries[index] = &tree.entries[tree.next++];
    }
    return encoder_.together(
        tree.layout.align, node.is_leaf ? tree.layout.leaf_size : tree.layout.inner_size,
        [&] {
          for (std::uint64_t index = 0; index < node.count; ++index)
            own_entry(tree.map, *node.entries[index]);
        },
        [&](std::uint64_t at) { put_node(tree, node, at); });
  }
  void put_node(const Tree& tree, const Node& node, std::uint64_t at) {
    const std::uint64_t value_size = tree.map.value == nullptr ? 0 : tree.map.value->extent.size;
    const std::uint64_t key_size = tree.map.element->extent.size;
    for (std::uint64_t index = 0; index < node.count; ++index)
      put_entry(tree.map, *node.entries[index], at + tree.layout.keys + index * key_size,
                at + tree.layout.values + index * value_size);
    encoder_.store(at, node.is_leaf ? leaf_kind : inner_kind);
    if (node.is_leaf) {
      encoder_.store(at + tree.layout.tail, static_cast<std::uint32_t>(node.count));
      return;
    }
    for (std::uint64_t index = 0; index < node_children; ++index)
      encoder_.point(at + tree.layout.tail + 4 * index, node.children[index]);
  }

  Encoder& encoder_;
  bool is_hostile_ = false;
  std::map<std::uint64_t, const Json*> shared_;  ///< where each is shown with its value
};

}  // namespace
}  // namespace archive

Outcome<quire::ByteString> write_archive(const quire::rkyv::Schema& schema, const Json& value) {
  using quire::rkyv::Encoder;
  if (const auto wrong = archive::misfit(schema.root(), value))
    return trouble(ExitStatus::usage, *wrong);
  Encoder measuring;
  archive::ArchiveWriter measurer(measuring);
  measurer.append(schema.root(), value);
  if (measurer.is_hostile())
    return trouble(ExitStatus::usage, "a hash table has too many keys that want the same bucket");
  if (measuring.size() > archive::max_archive_size)
    return trouble(ExitStatus::usage, "an archive is of 2 GiB or more");
  quire::ByteString bytes(measuring.size());
  Encoder writing(bytes);
  archive::ArchiveWriter(writing).append(schema.root(), value);
  return bytes;
}

}  // namespace kvtool
