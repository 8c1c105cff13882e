// Reads FlatBuffers as their schema says, and looks at each place before it reads there.
#include <cstring>
#include <set>
#include <string>

#include "tools/byte_text.hpp"
#include "tools/flatbuffers_json.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace flat {
namespace {

/// What a buffer may say for each of its bytes, and besides: parts may be shared, and absent fields
/// have values.
constexpr std::size_t most_per_byte = 16;
constexpr std::size_t most_besides = std::size_t{1} << 20;
/// Whoever writes it again compares each table's index with all others.
constexpr std::size_t most_indexes = 4096;

Json show_bits(const Type& type, std::uint64_t bits) {
  Scalar scalar = type.scalar;
  const bool is_true = scalar.kind == Scalar::Kind::boolean && bits != 0;
  Json number = show_scalar(scalar, is_true ? 1 : bits).value_or(Json());
  if (type.names == nullptr) return number;
  const auto named = type.names->find(number.get<std::int64_t>());
  return named == type.names->end() ? number : Json(named->second);
}

/// Goes through one buffer. Once something is wrong, what it gives means nothing.
class BufferReader {
 public:
  explicit BufferReader(Bytes buffer)
      : buffer_(buffer), left_(most_per_byte * buffer.size() + most_besides) {}

  std::optional<Json> read(const Object& root) {
    Json all = table(root, follow_field(0), 0);
    if (!is_sound_) return {};
    return all;
  }

 private:
  /// Where a table's fields lie.
  struct Index {
    std::size_t table = 0;
    std::size_t at = 0;
    std::size_t size = 0;
  };

  /// The bytes at a place of that alignment; none when they are not there.
  Bytes take(std::size_t at, std::size_t size, std::size_t alignment) {
    if (at % alignment == 0 && at <= buffer_.size() && size <= buffer_.size() - at)
      return buffer_.subspan(at, size);
    is_sound_ = false;
    return {};
  }
  template <class Number>
  Number number(std::size_t at) {
    Number value = 0;
    const Bytes bytes = take(at, sizeof(Number), sizeof(Number));
    if (is_sound_) std::memcpy(&value, bytes.data(), sizeof(Number));
    return value;
  }
  /// Where what is referred to begins.
  std::size_t follow(std::size_t at) { return at + number<flatbuffers::uoffset_t>(at); }
  /// The same of a field, which is absent where it refers to nothing. In vectors programs look at
  /// what is there.
  std::size_t follow_field(std::size_t at) {
    const std::size_t target = follow(at);
    is_sound_ &= target != at;
    return target;
  }
  /// Whether there may be so much more.
  bool spend(std::size_t count) {
    is_sound_ &= count <= left_;
    if (is_sound_) left_ -= count;
    return is_sound_;
  }

  // ---- Tables

  Index index_of(std::size_t table) {
    const auto back = number<flatbuffers::soffset_t>(table);
    Index index{.table = table, .at = table - static_cast<std::size_t>(std::ptrdiff_t{back})};
    index.size = number<flatbuffers::voffset_t>(index.at);
    take(index.at, index.size, sizeof(flatbuffers::voffset_t));
    is_sound_ &= index.size % sizeof(flatbuffers::voffset_t) == 0;
    if (is_sound_) indexes_.insert(index.at);
    is_sound_ &= indexes_.size() <= most_indexes;
    return index;
  }
  /// Where a field lies; 0 when it is absent.
  std::size_t find(const Index& index, const Field& field) {
    if (field.at + sizeof(flatbuffers::voffset_t) > index.size) return 0;
    const auto distance = number<flatbuffers::voffset_t>(index.at + field.at);
    return distance == 0 ? 0 : index.table + distance;
  }

  Json table(const Object& type, std::size_t at, int depth) {
    is_sound_ &= depth < quire::detail::FlatbuffersWalk::max_depth;
    if (!spend(1 + type.fields.size())) return {};
    const Index index = index_of(at);
    Json all = Json::object();
    for (const Field& field : type.fields) {
      if (!is_sound_) return {};
      const std::size_t place = find(index, field);
      is_sound_ &= place != 0 || !(field.is_required || has_types_alone(type, field, index));
      if (place != 0) {
        all[field.name] = present(type, field, index, place, depth);
      } else if (field.has_default && !is_tag(type, field)) {
        all[field.name] = show_bits(field.type, field.default_bits);
      }
    }
    return all;
  }
  /// Whether a vector of unions is missing whose types are there.
  bool has_types_alone(const Object& type, const Field& field, const Index& index) {
    const bool is_of_choices = field.type.kind == Kind::vector && needs_tag(field.type);
    return is_of_choices && find(index, type.fields[field.tag]) != 0;
  }
  static bool is_tag(const Object& type, const Field& field) {
    const auto next = static_cast<std::size_t>(&field - type.fields.data()) + 1;
    return next < type.fields.size() && type.fields[next].type.kind == Kind::choice;
  }
  Json present(const Object& type, const Field& field, const Index& index, std::size_t at,
               int depth) {
    if (is_inline(field.type)) return value(field.type, at, depth);
    const std::size_t target = follow_field(at);
    if (!needs_tag(field.type)) return referred(field.type, target, depth);
    const std::size_t tag = find(index, type.fields[field.tag]);
    if (field.type.kind == Kind::choice) {
      take(target, 1, 1);  // also where its type is not known
      return member(field.type, tag == 0 ? 0 : number<std::uint8_t>(tag), at, depth);
    }
    is_sound_ &= tag != 0;
    return is_sound_ ? choices(field.type, follow_field(tag), target, depth) : Json();
  }

  // ---- Values

  Json value(const Type& type, std::size_t at, int depth) {
    switch (type.kind) {
      case Kind::scalar: return scalar(type, at);
      case Kind::structure: return structure(*type.object, at);
      case Kind::array: return elements(*type.element, at, type.count, depth);
      default: return referred(type, follow(at), depth);
    }
  }
  Json referred(const Type& type, std::size_t at, int depth) {
    if (!is_sound_) return {};
    switch (type.kind) {
      case Kind::string: return string(at);
      case Kind::table: return table(*type.object, at, depth + 1);
      case Kind::structure: return structure(*type.object, at);
      default: {
        const auto count = number<flatbuffers::uoffset_t>(at);
        return elements(*type.element, at + sizeof count, count, depth);
      }
    }
  }
  Json scalar(const Type& type, std::size_t at) {
    const Bytes bytes = take(at, type.scalar.size, type.scalar.size);
    return is_sound_ ? show_bits(type, load_bits(bytes, ByteOrder::little)) : Json();
  }
  Json structure(const Object& type, std::size_t at) {
    take(at, type.size, type.alignment);
    Json all = Json::object();
    for (const Field& field : type.fields) {
      if (!spend(1)) return {};
      all[field.name] = value(field.type, at + field.at, 0);
    }
    return all;
  }
  Json elements(const Type& type, std::size_t at, std::size_t count, int depth) {
    Json all = Json::array();
    if (!spend(count)) return all;
    take(at, count * size_of(type), count == 0 ? 1 : alignment_of(type));
    for (std::size_t n = 0; is_sound_ && n < count; ++n)
      all.push_back(value(type, at + n * size_of(type), depth));
    return all;
  }
  Json string(std::size_t at) {
    const std::size_t size = number<flatbuffers::uoffset_t>(at);
    const Bytes content = take(at + sizeof(flatbuffers::uoffset_t), size + 1, 1);
    if (!is_sound_ || !spend(size)) return {};
    is_sound_ &= content.back() == std::byte();
    return bytes_to_json(quire::as_text(content.first(size)));
  }

  // ---- Unions

  Json member(const Type& type, std::uint8_t tag, std::size_t at, int depth) {
    const auto found = type.members->find(tag);
    return found == type.members->end() ? Json() : referred(found->second, follow(at), depth);
  }
  Json choices(const Type& type, std::size_t tags, std::size_t vector, int depth) {
    const std::size_t count = number<flatbuffers::uoffset_t>(vector);
    is_sound_ &= number<flatbuffers::uoffset_t>(tags) == count;
    Json all = Json::array();
    if (!spend(count)) return all;
    const std::size_t first_tag = tags + sizeof(flatbuffers::uoffset_t);
    const std::size_t first = vector + sizeof(flatbuffers::uoffset_t);
    for (std::size_t n = 0; is_sound_ && n < count; ++n) {
      const auto tag = number<std::uint8_t>(first_tag + n);
      all.push_back(member(*type.element, tag, first + n * sizeof(flatbuffers::uoffset_t), depth));
    }
    return all;
  }

  Bytes buffer_;
  std::size_t left_;
  std::set<std::size_t> indexes_;
  bool is_sound_ = true;
};

}  // namespace
}  // namespace flat

std::optional<Json> read_flatbuffer(const flat::Schema& schema, quire::Bytes buffer) {
  if (!schema.admits(buffer)) return {};
  return flat::BufferReader(buffer).read(schema.root());
}

}  // namespace kvtool
