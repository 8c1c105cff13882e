// Reads archives, which were checked, as their schema says.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "quire/formats/rkyv/check.hpp"
#include "tools/archive_hash.hpp"
#include "tools/archive_json.hpp"
#include "tools/archive_value.hpp"
#include "tools/wide_number.hpp"

namespace kvtool {
namespace archive {
namespace {

using namespace quire::rkyv;  // NOLINT(google-build-using-namespace): the words of this file

/// More things that take no room in the archive are only counted.
constexpr std::uint64_t most_without_size = 100'000;

class ArchiveReader {
 public:
  Json value(const Type& type, const std::byte* at) {
    switch (type.kind) {
      case Kind::integer: return integer(type, at);
      case Kind::floating: return floating(type, at);
      case Kind::boolean: return load<std::uint8_t>(at) != 0;
      case Kind::character: return character(load<std::uint32_t>(at));
      case Kind::string: return text(quire::rkyv::text_of(at));
      case Kind::c_string: return bytes({target_of(at), length_of(at) - 1U});
      case Kind::duration:
      case Kind::structure: return parts(type.parts, at);
      case Kind::enumeration: return enumeration(type, at);
      case Kind::array: return elements(*type.element, at, type.count);
      case Kind::vector: return elements(*type.element, target_of(at), length_of(at));
      case Kind::pointer: return pointee(*type.element, at);
      case Kind::weak:
      case Kind::shared: return is_null(at) && type.kind == Kind::weak ? Json() : shared(type, at);
      case Kind::niche_pointer: return is_null(at) ? Json() : pointee(*type.element->element, at);
      case Kind::niche_integer: return is_zero(type, at) ? Json() : integer(*type.element, at);
      case Kind::niche_nan: return is_nan(type, at) ? Json() : floating(*type.element, at);
      case Kind::niche_boolean: return *at > std::byte{1} ? Json() : Json(*at == std::byte{1});
      case Kind::hash_map:
      case Kind::hash_set: return hash_table(type, at);
      case Kind::tree_map:
      case Kind::tree_set: return tree(type, at);
      default: return {};
    }
  }

 private:
  // ---- Scalars

  static Json integer(const Type& type, const std::byte* at) {
    switch (type.extent.size) {
      case 1: return type.is_signed ? Json(load<std::int8_t>(at)) : Json(load<std::uint8_t>(at));
      case 2: return type.is_signed ? Json(load<std::int16_t>(at)) : Json(load<std::uint16_t>(at));
      case 4: return type.is_signed ? Json(load<std::int32_t>(at)) : Json(load<std::uint32_t>(at));
      case 8: return type.is_signed ? Json(load<std::int64_t>(at)) : Json(load<std::uint64_t>(at));
      default: return to_digits(load<WideNumber>(at), type.is_signed);
    }
  }
  static bool is_zero(const Type& type, const std::byte* at) {
    return std::all_of(at, at + type.extent.size,
                       [](std::byte byte) { return byte == std::byte(); });
  }
  static bool is_nan(const Type& type, const std::byte* at) {
    return type.extent.size == 4 ? std::isnan(load<float>(at)) : std::isnan(load<double>(at));
  }
  static Json floating(const Type& type, const std::byte* at) {
    const bool is_single = type.extent.size == 4;
    const double number = is_single ? load<float>(at) : load<double>(at);
    if (std::isfinite(number)) return number;
    return {{"bits", is_single ? fmt::format("0x{:08x}", load<std::uint32_t>(at))
                               : fmt::format("0x{:016x}", load<std::uint64_t>(at))}};
  }
  static Json character(std::uint32_t number) { return utf8_of(number); }
  static Json text(quire::Bytes text) { return std::string(quire::as_text(text)); }
  static Json bytes(quire::Bytes bytes) {
    Json all = Json::array();
    for (const std::byte byte : bytes) all.push_back(std::to_integer<unsigned>(byte));
    return all;
  }

  // ---- Parts

  Json parts(const std::vector<Part>& parts, const std::byte* at) {
    const bool is_tuple = parts.empty() ? false : is_numbered(parts.front());
    Json all = is_tuple ? Json::array() : Json::object();
    for (const Part& part : parts) {
      Json each = value(*part.type, at + part.offset);
      if (is_tuple)
        all.push_back(std::move(each));
      else
        all[part.name] = std::move(each);
    }
    return all;
  }
  static bool is_numbered(const Part& part) { return part.name == "0"; }

  Json enumeration(const Type& type, const std::byte* at) {
    const Variant& variant = *type.variant(load<std::uint8_t>(at));
    if (type.word == "option") {
      if (variant.parts.empty()) return {};
      const Part& some = variant.parts.front();
      Json inner = value(*some.type, at + some.offset);
      return may_be_null(*some.type) ? Json{{"some", std::move(inner)}} : inner;
    }
    if (variant.parts.empty()) return variant.name;
    return Json{{variant.name, parts(variant.parts, at)}};
  }
  Json elements(const Type& element, const std::byte* at, std::uint64_t count) {
    if (element.extent.size == 0 && count > most_without_size) return {{"count", count}};
    Json all = Json::array();
    for (; count != 0; --count, at += element.extent.size) all.push_back(value(element, at));
    return all;
  }

  // ---- Pointers

  Json pointee(const Type& type, const std::byte* pointer) {
    const std::byte* const target = target_of(pointer);
    if (type.kind == Kind::slice) return elements(*type.element, target, length_of(pointer));
    if (type.kind == Kind::text) return text({target, length_of(pointer)});
    return value(type, target);
  }
  Json shared(const Type& type, const std::byte* pointer) {
    const auto [seen, is_new] = shared_.try_emplace(target_of(pointer), shared_.size());
    const std::size_t number = seen->second;
    if (!is_new) return {{"shared", number}};
    return {{"shared", number}, {"value", pointee(*type.element, pointer)}};
  }

  // ---- Maps and sets

  Json entry(const Type& map, const std::byte* key, const std::byte* its_value) {
    if (map.value == nullptr) return value(*map.element, key);
    Json pair = Json::array();
    pair.push_back(value(*map.element, key));
    pair.push_back(value(*map.value, its_value));
    return pair;
  }

  Json hash_table(const Type& map, const std::byte* at) {
    const HashTable table(at);
    const EntryLayout layout = entry_layout(map);
    Json all = Json::array();
    for (const std::uint64_t index : insertion_order(map, table, layout)) {
      const std::byte* const key = table.bucket(index, layout.extent.size);
      all.push_back(entry(map, key, key + layout.value));
    }
    return all;
  }

  /// An order in which every key finds the buckets before its own taken, as when it was inserted.
  static std::vector<std::uint64_t> insertion_order(const Type& map, const HashTable& table,
                                                    const EntryLayout& layout) {
    struct Bucket {
      std::uint64_t index;
      std::uint64_t hash;
    };
    std::vector<Bucket> left;
    for (std::uint64_t index = 0; index < table.sizes.buckets; ++index) {
      const std::byte* const key = table.bucket(index, layout.extent.size);
      if (table.is_full(index)) left.push_back({index, hash_of_stored(*map.element, key)});
    }
    std::vector<std::uint64_t> order;
    BucketFiller filler(table.sizes);
    for (bool goes_on = true; goes_on && !left.empty();) {
      const auto is_next = [&](const Bucket& bucket) {
        if (filler.first_empty(bucket.hash) != bucket.index) return false;
        filler.fill(bucket.index, bucket.hash);
        order.push_back(bucket.index);
        return true;
      };
      goes_on = std::erase_if(left, is_next) != 0;
    }
    // Nobody made it so, or only to take our time.
    for (const Bucket& bucket : left) order.push_back(bucket.index);
    return order;
  }
  static std::uint64_t hash_of_stored(const Type& type, const std::byte* at) {
    return hash_of(type, ArchiveReader().value(type, at));
  }

  Json tree(const Type& map, const std::byte* at) {
    Json all = Json::array();
    if (length_of(at) != 0) node(map, node_layout(map), target_of(at), all);
    return all;
  }
  void node(const Type& map, const NodeLayout& layout, const std::byte* node_at, Json& all) {
    const bool is_inner = *node_at == inner_kind;
    const std::byte* const tail = node_at + layout.tail;
    const std::uint64_t count = is_inner ? node_entries : load<std::uint32_t>(tail);
    for (std::uint64_t index = 0; index <= count; ++index) {
      const std::byte* const child = tail + 4 * index;
      if (is_inner && !is_null(child)) node(map, layout, target_of(child), all);
      if (index == count) break;
      const std::uint64_t value_size = map.value == nullptr ? 0 : map.value->extent.size;
      all.push_back(entry(map, node_at + layout.keys + index * map.element->extent.size,
                          node_at + layout.values + index * value_size));
    }
  }

  std::map<const std::byte*, std::size_t> shared_;
};

}  // namespace
}  // namespace archive

Json read_archive(const quire::rkyv::Schema& schema, quire::Bytes archive) {
  return archive::ArchiveReader().value(schema.root(),
                                        quire::rkyv::root_of(schema.root(), archive));
}

}  // namespace kvtool
