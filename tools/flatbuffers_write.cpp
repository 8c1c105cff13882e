// Writes FlatBuffers: what a table refers to before the table, in the order in which the code that
// flatc generates does it, so that one value has the same bytes from both.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/byte_text.hpp"
#include "tools/flatbuffers_json.hpp"
#include "tools/shown.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace flat {
namespace {

using flatbuffers::Offset;
using flatbuffers::uoffset_t;

/// Well below what flatbuffers' builder ends the program at.
constexpr std::size_t max_buffer_size = std::size_t{1} << 30;

/// Of a scalar: its name's, its number's, or a person's text's.
std::optional<std::uint64_t> bits_of(const Type& type, const Json& value) {
  if (value.is_structured() || value.is_null()) return {};
  const std::string text = bare_text(value);
  if (type.names != nullptr) {
    const auto named = std::ranges::find(*type.names, text, &Names::value_type::second);
    if (named != type.names->end())
      return static_cast<std::uint64_t>(named->first) &
             (type.scalar.top_bit() | (type.scalar.top_bit() - 1));
  }
  return read_scalar(type.scalar, text);
}

/// Once something does not fit, it builds no further.
class BufferWriter {
 public:
  Outcome<ByteString> write(const Object& root, const Json& value) {
    const uoffset_t at = table(root, value, 0);
    if (complaint_) return trouble(ExitStatus::usage, *complaint_);
    builder_.Finish(Offset<void>(at));
    return copy_of(std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize())));
  }

 private:
  /// A field of a table as it will be added.
  struct Prepared {
    bool is_there = false;
    std::uint64_t bits = 0;  ///< of a scalar
    uoffset_t place = 0;     ///< of what is referred to
    ByteString bytes;        ///< of a structure
  };

  void complain(const Json& value, std::string_view wanted) {
    if (complaint_) return;
    complaint_ = fmt::format("{} is no {}", to_text(value).substr(0, 80), wanted);
  }
  bool has_room(std::size_t size) {
    if (!complaint_ && builder_.GetSize() + size > max_buffer_size)
      complaint_ = "a FlatBuffer of 1 GiB or more";
    return !complaint_;
  }
  /// Whether a value is an object with fields of the type alone.
  bool fits(const Object& type, const Json& value) {
    if (!value.is_object()) complain(value, type.name);
    if (complaint_) return false;
    for (const auto& [name, part] : value.items()) {
      if (std::ranges::find(type.fields, name, &Field::name) != type.fields.end()) continue;
      complaint_ = fmt::format("{} has no field {}", type.name, in_quotes(name));
      return false;
    }
    return true;
  }

  // ---- Tables

  uoffset_t table(const Object& type, const Json& value, int depth) {
    if (depth == quire::detail::FlatbuffersWalk::max_depth) complain(value, "table so deep");
    if (!fits(type, value)) return 0;
    std::vector<Prepared> fields;
    fields.reserve(type.fields.size());
    for (const Field& field : type.fields) fields.push_back(prepare(type, field, value, depth));
    if (!has_room(max_table_room)) return 0;
    const uoffset_t start = builder_.StartTable();
    // The largest first, so that little is left between them, and the last before the first.
    for (std::size_t size = sizeof(std::uint64_t); size != 0; size /= 2)
      for (std::size_t index = fields.size(); index-- != 0;)
        if (fields[index].is_there && sort_size(type.fields[index].type) == size)
          add(type.fields[index], fields[index]);
    return builder_.EndTable(start);
  }
  static std::size_t sort_size(const Type& type) {
    return type.kind == Kind::scalar ? type.scalar.size : sizeof(uoffset_t);
  }

  Prepared prepare(const Object& type, const Field& field, const Json& table, int depth) {
    const auto found = table.find(field.name);
    if (found == table.end()) {
      if (field.is_required && !complaint_)
        complaint_ = fmt::format("{} has no {}, which is required", type.name, field.name);
      return {};
    }
    if (complaint_) return {};
    Prepared made{.is_there = true, .bits = 0, .place = 0, .bytes = {}};
    if (field.type.kind == Kind::scalar) {
      made.bits = scalar(field, *found);
      made.is_there = !field.has_default || made.bits != field.default_bits;
    } else if (field.type.kind == Kind::structure) {
      made.bytes = ByteString(size_of(field.type));
      put(field.type, *found, made.bytes);
    } else if (needs_tag(field.type)) {
      const auto tag = table.find(type.fields[field.tag].name);
      made.place = tagged(type, field, *found, tag == table.end() ? Json() : *tag, depth);
    } else {
      made.place = refer(field.type, *found, depth);
    }
    return made;
  }

  void add(const Field& field, const Prepared& prepared) {
    switch (field.type.kind) {
      case Kind::scalar: add_scalar(field, prepared.bits); break;
      case Kind::structure:
        builder_.AddStructOffset(field.at, push(*field.type.object, prepared.bytes));
        break;
      default: builder_.AddOffset(field.at, Offset<void>(prepared.place));
    }
  }
  void add_scalar(const Field& field, std::uint64_t bits) {
    switch (field.type.scalar.size) {
      case 1: builder_.AddElement(field.at, static_cast<std::uint8_t>(bits)); break;
      case 2: builder_.AddElement(field.at, static_cast<std::uint16_t>(bits)); break;
      case 4: builder_.AddElement(field.at, static_cast<std::uint32_t>(bits)); break;
      default: builder_.AddElement(field.at, bits);
    }
  }

  // ---- What lies where its field is

  std::uint64_t scalar(const Field& field, const Json& value) {
    return scalar(field.type, value, fmt::format("{}: ", field.name));
  }
  std::uint64_t scalar(const Type& type, const Json& value, std::string_view part) {
    const auto bits = bits_of(type, value);
    if (bits) return *bits;
    if (complaint_) return 0;
    complaint_ = fmt::format("{}{} does not fit: write {}", part, to_text(value).substr(0, 80),
                             how_to_write(type.scalar));
    if (type.names != nullptr)
      for (const auto& [number, name] : *type.names) complaint_->append(", ").append(name);
    return 0;
  }
  /// The bytes of a scalar, a structure or an array.
  void put(const Type& type, const Json& value, quire::MutableBytes target) {
    switch (type.kind) {
      case Kind::structure: put_structure(*type.object, value, target); break;
      case Kind::array: put_array(type, value, target); break;
      default: put_scalar(type, value, target);
    }
  }
  void put_scalar(const Type& type, const Json& value, quire::MutableBytes target) {
    ByteString bytes;
    append_bits(bytes, scalar(type, value, ""), type.scalar.size, ByteOrder::little);
    std::ranges::copy(bytes, target.begin());
  }
  void put_structure(const Object& type, const Json& value, quire::MutableBytes target) {
    if (!fits(type, value)) return;
    for (const Field& field : type.fields) {
      const auto found = value.find(field.name);
      if (found == value.end()) {
        complain(value, type.name);
        return;
      }
      put(field.type, *found, target.subspan(field.at, size_of(field.type)));
    }
  }
  void put_array(const Type& type, const Json& value, quire::MutableBytes target) {
    if (!value.is_array() || value.size() != type.count) {
      complain(value, fmt::format("array of {}", type.count));
      return;
    }
    const std::size_t size = size_of(*type.element);
    for (std::size_t n = 0; n < type.count; ++n)
      put(*type.element, value[n], target.subspan(n * size, size));
  }
  uoffset_t push(const Object& structure, quire::Bytes bytes) {
    builder_.Align(structure.alignment);
    builder_.PushBytes(quire::detail::as_flatbuffer(bytes), bytes.size());
    return builder_.GetSize();
  }

  // ---- What is referred to

  uoffset_t refer(const Type& type, const Json& value, int depth) {
    switch (type.kind) {
      case Kind::string: return string(value);
      case Kind::table: return table(*type.object, value, depth + 1);
      case Kind::structure: return structure(*type.object, value);
      default: break;
    }
    if (!value.is_array()) complain(value, "array");
    if (complaint_) return 0;
    return is_inline(*type.element) ? vector(*type.element, value)
                                    : references(*type.element, value, depth);
  }
  uoffset_t string(const Json& value) {
    const auto text = bytes_from_json(value);
    if (!text) complain(value, "string");
    if (!text || !has_room(text->size())) return 0;
    return builder_.CreateString(*text).o;
  }
  uoffset_t structure(const Object& type, const Json& value) {
    ByteString bytes(type.size);
    put_structure(type, value, bytes);
    return has_room(bytes.size()) ? push(type, bytes) : 0;
  }
  uoffset_t vector(const Type& element, const Json& values) {
    const std::size_t size = size_of(element);
    if (!has_room(values.size() * size)) return 0;
    ByteString bytes(values.size() * size);
    for (std::size_t n = 0; n < values.size(); ++n)
      put(element, values[n], quire::MutableBytes(bytes).subspan(n * size, size));
    if (complaint_) return 0;
    builder_.StartVector(bytes.size() / alignment_of(element), alignment_of(element));
    builder_.PushBytes(quire::detail::as_flatbuffer(bytes), bytes.size());
    return builder_.EndVector(values.size());
  }
  uoffset_t references(const Type& element, const Json& values, int depth) {
    std::vector<uoffset_t> places;
    for (const Json& each : values) {
      places.push_back(refer(element, each, depth));
      if (complaint_) return 0;
    }
    return vector_of(places);
  }
  uoffset_t vector_of(const std::vector<uoffset_t>& places) {
    if (!has_room(places.size() * sizeof(uoffset_t))) return 0;
    builder_.StartVector(places.size(), sizeof(uoffset_t));
    for (std::size_t n = places.size(); n-- != 0;) builder_.PushElement(Offset<void>(places[n]));
    return builder_.EndVector(places.size());
  }

  // ---- Unions

  uoffset_t tagged(const Object& table, const Field& field, const Json& value, const Json& tag,
                   int depth) {
    const Type* const type =
        field.type.kind == Kind::choice ? &field.type : field.type.element.get();
    if (field.type.kind == Kind::choice) return member(*type, tag, value, depth);
    if (!value.is_array() || !tag.is_array() || value.size() != tag.size()) {
      complain(value, fmt::format("array of as many as {}", table.fields[field.tag].name));
      return 0;
    }
    std::vector<uoffset_t> places;
    for (std::size_t n = 0; n < value.size() && !complaint_; ++n)
      places.push_back(member(*type, tag[n], value[n], depth));
    return complaint_ ? 0 : vector_of(places);
  }
  uoffset_t member(const Type& type, const Json& tag, const Json& value, int depth) {
    const auto bits = bits_of(type, tag);
    const auto found = bits ? type.members->find(*bits) : type.members->end();
    if (found != type.members->end()) return refer(found->second, value, depth);
    complain(value, fmt::format("value of a union: its type is {}", to_text(tag)));
    return 0;
  }

  static constexpr std::size_t max_table_room = std::size_t{1} << 17;

  flatbuffers::FlatBufferBuilder builder_{1024, &quire::detail::aligned_allocator, false,
                                          quire::detail::AlignedAllocator::alignment};
  std::optional<std::string> complaint_;
};

}  // namespace
}  // namespace flat

Outcome<quire::ByteString> write_flatbuffer(const flat::Schema& schema, const Json& value) {
  return flat::BufferWriter().write(schema.root(), value);
}

}  // namespace kvtool
