// FlatBuffers schemas as descriptors: what a binary schema (.bfbs) says, in words that can be
// compared, and the schema itself for tools.
//
//   flatbuffers(Monster,enum(Color,i8,1:red,2:green),struct(Vec3,size=12,align=4,0:x:f32,...),
//               table(Monster,0:name:string:required,2:hp:i16=100,...),bfbs:GAAAA...)
//
// Invariant: the words before bfbs: depend only on what is stored, that is, on the definitions that
// the table reaches, sorted; not on namespaces, comments, file names or the order in a file.
#pragma once

#include <flatbuffers/reflection_generated.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/base64.hpp"
#include "quire/formats/flatbuffers_walk.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/names.hpp"

namespace quire {

namespace detail {

/// Bytes as flatbuffers takes them.
inline const std::uint8_t* as_flatbuffer(Bytes bytes) noexcept {
  // NOLINTNEXTLINE(bugprone-casting-through-void): the same bytes by another name.
  return static_cast<const std::uint8_t*>(static_cast<const void*>(bytes.data()));
}

inline Failure bad_schema(std::string detail) {
  return fail(
      Error(ErrorCode::invalid_argument).with_detail("a FlatBuffers schema: " + std::move(detail)));
}

/// Writes the definitions that one table of a schema reaches.
class FlatbuffersDescriber {
 public:
  /// Needs a verified schema, which outlives this.
  explicit FlatbuffersDescriber(const reflection::Schema& schema) : schema_(schema) {}

  /// The table of that full name; the root table where there is no name.
  [[nodiscard]] const reflection::Object* find(std::string_view full_name) const {
    if (full_name.empty()) return schema_.root_table();
    for (const auto* object : *schema_.objects()) {
      if (object->name()->string_view() == full_name) return object;
    }
    return nullptr;
  }

  /// The definitions, each followed by a comma. invalid_argument when the schema contradicts
  /// itself.
  Result<std::string> definitions(const reflection::Object& root) {
    add_object(root);
    std::string text;
    for (const std::string& definition : definitions_) text.append(definition).append(",");
    if (!is_sound_) return bad_schema("it names what is not there");
    return text;
  }

  /// The largest alignment that a struct asks for; 0 without any.
  [[nodiscard]] std::uint32_t alignment() const noexcept { return alignment_; }

 private:
  using Type = reflection::Type;

  void add_object(const reflection::Object& object) {
    if (!seen_.insert(&object).second) return;
    std::string text = object.is_struct() ? "struct(" : "table(";
    text.append(short_name(object.name()));
    if (object.is_struct()) {
      const auto alignment = static_cast<std::uint32_t>(object.minalign());
      is_sound_ &= std::has_single_bit(alignment) && alignment <= 64;
      alignment_ = std::max(alignment_, alignment);
      text.append(",size=").append(std::to_string(object.bytesize()));
      text.append(",align=").append(std::to_string(object.minalign()));
    }
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::ranges::sort(fields, {}, [](const auto* field) { return field->id(); });
    for (const auto* field : fields) text.append(",").append(field_word(*field));
    definitions_.insert(text.append(")"));
  }

  void add_enum(const reflection::Enum& definition) {
    if (!seen_.insert(&definition).second) return;
    std::string text = definition.is_union() ? "union(" : "enum(";
    text.append(short_name(definition.name()));
    if (!definition.is_union())
      text.append(",").append(scalar_word(base_of(*definition.underlying_type())));
    for (const auto* value : *definition.values()) {
      text.append(",").append(std::to_string(value->value()));
      text.append(":").append(checked(value->name()));
      const Type* type = value->union_type();
      if (type != nullptr && base_of(*type) != reflection::None)
        text.append(":").append(type_word(*type, base_of(*type)));
    }
    definitions_.insert(text.append(")"));
  }

  /// "2:hp:i16=100": what the field is, and what it is where it is absent.
  std::string field_word(const reflection::Field& field) {
    std::string word = std::to_string(field.id()) + ":";
    word.append(checked(field.name())).append(":");
    word.append(type_word(*field.type(), base_of(*field.type())));
    if (field.required()) word.append(":required");
    if (field.optional() && base_of(*field.type()) <= reflection::Double) word.append(":optional");
    if (field.default_integer() != 0)
      word.append("=").append(std::to_string(field.default_integer()));
    if (field.default_real() != 0.0) word.append("=" + real_word(field.default_real()));
    return word;
  }

  std::string type_word(const Type& type, int base) {
    switch (base) {
      case reflection::String: return "string";
      case reflection::Vector: return "vector:" + element_word(type);
      case reflection::Array:
        return std::string("array:")
            .append(std::to_string(type.fixed_length()))
            .append(":")
            .append(element_word(type));
      case reflection::Obj: return object_word(type.index());
      case reflection::UType: return "tag:" + enum_word(type.index());
      default: return type.index() >= 0 ? enum_word(type.index()) : std::string(scalar_word(base));
    }
  }

  /// Of a vector or an array, which has no vectors or arrays in it.
  std::string element_word(const Type& type) {
    const int element = element_of(type);
    is_sound_ &= element != reflection::Vector && element != reflection::Array;
    return is_sound_ ? type_word(type, element) : std::string();
  }

  std::string object_word(std::int32_t index) {
    const auto* objects = schema_.objects();
    is_sound_ &= index >= 0 && static_cast<std::uint32_t>(index) < objects->size();
    if (!is_sound_) return {};
    const auto* object = objects->Get(static_cast<std::uint32_t>(index));
    add_object(*object);
    return short_name(object->name());
  }

  std::string enum_word(std::int32_t index) {
    const auto* enums = schema_.enums();
    is_sound_ &= index >= 0 && static_cast<std::uint32_t>(index) < enums->size();
    if (!is_sound_) return {};
    const auto* definition = enums->Get(static_cast<std::uint32_t>(index));
    add_enum(*definition);
    return short_name(definition->name());
  }

  std::string_view scalar_word(int base) {
    constexpr std::array<std::string_view, 11> words{"bool", "i8",  "u8",  "i16", "u16", "i32",
                                                     "u32",  "i64", "u64", "f32", "f64"};
    is_sound_ &= base >= reflection::Bool && base <= reflection::Double;
    return is_sound_ ? words[static_cast<std::size_t>(base - reflection::Bool)]
                     : std::string_view();
  }

  static std::string real_word(double value) {
    std::array<char, 32> room{};
    std::to_chars(room.data(), room.data() + room.size() - 1, value);
    std::string word(room.data());
    std::erase(word, '+');
    return word;
  }

  std::string checked(const flatbuffers::String* name) {
    is_sound_ &= name->size() != 0 && is_descriptor_name(name->string_view());
    return name->str();
  }

  /// Without the namespace, unless the schema has two of the name.
  std::string short_name(const flatbuffers::String* full) {
    const std::string name = checked(full);
    const std::string_view last = last_part(name);
    const auto is_it = [&](const auto* each) {
      return last_part(each->name()->string_view()) == last;
    };
    const auto count = std::ranges::count_if(*schema_.objects(), is_it) +
                       std::ranges::count_if(*schema_.enums(), is_it);
    return count > 1 ? name : std::string(last);
  }
  static std::string_view last_part(std::string_view name) {
    return name.substr(name.find_last_of('.') + 1);
  }

  const reflection::Schema& schema_;
  std::set<const void*> seen_;
  std::set<std::string> definitions_;
  std::uint32_t alignment_ = 0;
  bool is_sound_ = true;
};

constexpr std::string_view schema_word = "bfbs:";

}  // namespace detail

/// What a format keeps of a schema. Thread-safe to read.
struct FlatbuffersSchema {
  std::string arguments;        ///< of the descriptor, after the table's name
  std::uint32_t alignment = 0;  ///< that its structs ask for
  detail::FlatbuffersPlan plan;

  /// The table of that full name, or the root table, in a binary schema as flatc writes it.
  /// invalid_argument when the bytes are no schema or have no such table.
  static Result<FlatbuffersSchema> of(Bytes schema, std::string_view full_name) {
    // The catalog takes no more.
    if (schema.size() > std::size_t{1} << 20) return detail::bad_schema("it has over a MiB");
    const HeapBytes aligned(schema, alignof(std::max_align_t));
    flatbuffers::Verifier verifier(detail::as_flatbuffer(aligned.bytes()), schema.size());
    if (!reflection::VerifySchemaBuffer(verifier)) return detail::bad_schema("the bytes are none");
    const reflection::Schema& tables = *reflection::GetSchema(aligned.bytes().data());
    detail::FlatbuffersDescriber describer(tables);
    const auto* root = describer.find(full_name);
    if (root == nullptr || root->is_struct())
      return detail::bad_schema("it has no table " + std::string(full_name));
    auto definitions = describer.definitions(*root);
    if (!definitions) return fail(definitions);
    return FlatbuffersSchema{
        .arguments = definitions->append(detail::schema_word).append(detail::to_base64(schema)),
        .alignment = describer.alignment(),
        .plan = detail::FlatbuffersPlanner(tables).plan(*root)};
  }
};

/// The binary schema in a descriptor, for tools that show values of types that they never saw.
/// corrupt when there is none.
inline Result<std::vector<std::byte>> flatbuffers_schema(std::string_view descriptor) {
  const std::size_t at = descriptor.find("," + std::string(detail::schema_word));
  if (at != std::string_view::npos) {
    const std::string_view rest = descriptor.substr(at + 1 + detail::schema_word.size());
    if (auto schema = detail::from_base64(rest.substr(0, rest.find_first_of("(,)"))))
      return *std::move(schema);
  }
  return fail(Error(ErrorCode::corrupt).with_detail("a descriptor without a FlatBuffers schema"));
}

}  // namespace quire
