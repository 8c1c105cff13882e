#include "tools/flatbuffers_types.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace kvtool::flat {

namespace {

using quire::Bytes;
using quire::detail::base_of;
using quire::detail::element_of;

/// More than any schema that is meant.
constexpr std::size_t max_structure_size = std::size_t{1} << 20;
constexpr std::size_t max_fields = 4096;
/// Offsets in a table have 16 bits.
constexpr std::size_t max_table_size = 60'000;
constexpr std::size_t max_candidates = 16;
constexpr std::size_t reference_size = sizeof(flatbuffers::uoffset_t);

std::uint16_t slot_of(std::uint16_t id) {
  return static_cast<std::uint16_t>(4 + 2 * static_cast<unsigned>(id));
}

Scalar scalar_of_base(int base) {
  using enum Scalar::Kind;
  switch (base) {
    case reflection::Bool: return {boolean, 1};
    case reflection::Byte: return {with_sign, 1};
    case reflection::Short: return {with_sign, 2};
    case reflection::UShort: return {without_sign, 2};
    case reflection::Int: return {with_sign, 4};
    case reflection::UInt: return {without_sign, 4};
    case reflection::Long: return {with_sign, 8};
    case reflection::ULong: return {without_sign, 8};
    case reflection::Float: return {floating, 4};
    case reflection::Double: return {floating, 8};
    default: return {without_sign, 1};  // UByte, and UType: which member a union has
  }
}

std::uint64_t default_of(const reflection::Field& field, Scalar scalar) {
  if (scalar.kind != Scalar::Kind::floating) {
    const auto bits = static_cast<std::uint64_t>(field.default_integer());
    return bits & (scalar.top_bit() | (scalar.top_bit() - 1));
  }
  if (scalar.size == 8) return std::bit_cast<std::uint64_t>(field.default_real());
  return std::bit_cast<std::uint32_t>(static_cast<float>(field.default_real()));
}

std::string_view last_part(std::string_view name) {
  return name.substr(name.find_last_of('.') + 1);
}

}  // namespace

bool needs_tag(const Type& type) {
  return type.kind == Kind::choice || (type.kind == Kind::vector && needs_tag(*type.element));
}

std::size_t size_of(const Type& type) {
  switch (type.kind) {
    case Kind::scalar: return type.scalar.size;
    case Kind::structure: return type.object->size;
    case Kind::array: return type.count * size_of(*type.element);
    default: return reference_size;
  }
}

std::size_t alignment_of(const Type& type) {
  switch (type.kind) {
    case Kind::scalar: return type.scalar.size;
    case Kind::structure: return type.object->alignment;
    case Kind::array: return alignment_of(*type.element);
    default: return reference_size;
  }
}

/// Takes over what a table of a schema reaches, whose indexes and names were found sound.
class SchemaReader {
 public:
  SchemaReader(const reflection::Schema& source, Schema& target)
      : source_(source), target_(target) {}

  /// False when the schema contradicts itself.
  bool read(const reflection::Object& root) {
    target_.root_ = object(root);
    return is_sound_;
  }

 private:
  const Object* object(const reflection::Object& described) {
    const auto [known, is_new] = target_.objects_.try_emplace(&described);
    Object& made = known->second;
    if (!is_new) {
      // A structure would be within itself.
      is_sound_ &= !(described.is_struct() && unfinished_.contains(&described));
      return &made;
    }
    unfinished_.insert(&described);
    made.name = last_part(described.name()->string_view());
    if (described.is_struct()) {
      made.size = static_cast<std::size_t>(described.bytesize());
      made.alignment = static_cast<std::size_t>(described.minalign());
    }
    read_fields(described, made);
    is_sound_ =
        is_sound_ && (described.is_struct() ? is_sound_structure(made) : is_sound_table(made));
    unfinished_.erase(&described);
    return &made;
  }

  void read_fields(const reflection::Object& described, Object& made) {
    std::vector<const reflection::Field*> fields(described.fields()->begin(),
                                                 described.fields()->end());
    std::ranges::sort(fields, {}, [](const auto* field) { return field->id(); });
    for (const auto* field : fields) {
      if (field->deprecated() || !is_sound_) continue;
      made.fields.push_back(read_field(*field));
      is_sound_ &= described.is_struct() || field->offset() == slot_of(field->id());
    }
  }

  Field read_field(const reflection::Field& field) {
    Field made{.name = field.name()->str(), .type = type(*field.type()), .at = field.offset()};
    made.is_required = field.required();
    if (made.type.kind == Kind::scalar) {
      made.has_default = !field.optional();
      made.default_bits = default_of(field, made.type.scalar);
    }
    return made;
  }

  Type type(const reflection::Type& described) {
    const int base = base_of(described);
    if (base != reflection::Vector && base != reflection::Array) return simple(described, base);
    Type made{.kind = base == reflection::Vector ? Kind::vector : Kind::array};
    made.element = std::make_shared<Type>(simple(described, element_of(described)));
    made.count = described.fixed_length();
    return made;
  }

  Type simple(const reflection::Type& described, int base) {
    if (base == reflection::String) return {.kind = Kind::string};
    if (base == reflection::Obj) return object_type(described);
    Type made{.scalar = scalar_of_base(base)};
    const bool is_named = described.index() >= 0 && made.scalar.kind != Scalar::Kind::floating;
    if (is_named) made.names = names(enumeration_of(described));
    if (base != reflection::Union) return made;
    made.kind = Kind::choice;
    made.members = members(enumeration_of(described));
    return made;
  }

  Type object_type(const reflection::Type& described) {
    const auto& its = *source_.objects()->Get(static_cast<std::uint32_t>(described.index()));
    return {.kind = its.is_struct() ? Kind::structure : Kind::table, .object = object(its)};
  }

  const reflection::Enum& enumeration_of(const reflection::Type& described) {
    return *source_.enums()->Get(static_cast<std::uint32_t>(described.index()));
  }

  const Names* names(const reflection::Enum& described) {
    const auto [known, is_new] = target_.names_.try_emplace(&described);
    if (!is_new) return &known->second;
    for (const auto* value : *described.values())
      known->second.emplace(value->value(), value->name()->str());
    return &known->second;
  }

  const Members* members(const reflection::Enum& described) {
    const auto [known, is_new] = target_.members_.try_emplace(&described);
    Members& made = known->second;
    if (!is_new) return &made;
    for (const auto* value : *described.values()) {
      const auto* member = value->union_type();
      const int base = member == nullptr ? reflection::None : base_of(*member);
      if (base == reflection::Obj || base == reflection::String)
        made.emplace(static_cast<std::uint64_t>(value->value()), simple(*member, base));
    }
    return &made;
  }

  static bool is_sound_structure(const Object& made) {
    if (made.size == 0 || made.size > max_structure_size || made.size % made.alignment != 0)
      return false;
    return std::ranges::all_of(made.fields, [&](const Field& field) {
      return is_inline(field.type) && field.at + size_of(field.type) <= made.size;
    });
  }

  static bool is_sound_table(Object& made) {
    if (made.fields.size() > max_fields) return false;
    std::size_t most = 0;
    for (std::size_t index = 0; index < made.fields.size(); ++index) {
      Field& field = made.fields[index];
      const bool has_one_before = index != 0;
      if (has_one_before && made.fields[index - 1].at == field.at) return false;
      if (field.type.kind == Kind::array) return false;
      if (field.type.kind == Kind::vector && field.type.element->kind == Kind::array) return false;
      most += size_of(field.type) + alignment_of(field.type);
      if (!needs_tag(field.type)) continue;
      if (!has_one_before || !is_tag_of(made.fields[index - 1], field)) return false;
      field.tag = index - 1;
    }
    return most <= max_table_size;
  }
  static bool is_tag_of(const Field& tag, const Field& field) {
    const bool is_vector = field.type.kind == Kind::vector;
    if (tag.at + 2 != field.at || (tag.type.kind == Kind::vector) != is_vector) return false;
    const Type& type = is_vector ? *tag.type.element : tag.type;
    return type.kind == Kind::scalar && type.scalar == Scalar{Scalar::Kind::without_sign, 1};
  }

  const reflection::Schema& source_;
  Schema& target_;
  std::set<const void*> unfinished_;
  bool is_sound_ = true;
};

namespace {

/// The names of the tables that a descriptor may mean by its first word. Programs may call a table
/// as they like, which is the root of its schema then.
std::vector<std::string> candidates(const reflection::Schema& schema, std::string_view word) {
  std::vector<std::string> names;
  for (const auto* object : *schema.objects()) {
    const std::string_view name = object->name()->string_view();
    if (last_part(name) == word && names.size() < max_candidates) names.emplace_back(name);
  }
  names.emplace_back();
  return names;
}

/// A schema, checked as programs check it, of the table that the descriptor describes.
struct Found {
  quire::FlatbuffersSchema schema;
  std::string name;  ///< none: the root
};
std::optional<Found> find_table(const Descriptor& descriptor, Bytes bytes,
                                const reflection::Schema& schema) {
  const std::string& word = descriptor.arguments.front().word;
  const std::string text = text_of(descriptor);
  for (std::string& name : candidates(schema, word)) {
    auto found = quire::FlatbuffersSchema::of(bytes, name);
    if (!found || text != "flatbuffers(" + word + "," + found->arguments + ")") continue;
    return Found{*std::move(found), std::move(name)};
  }
  return {};
}

}  // namespace

std::shared_ptr<const Schema> Schema::of(const Descriptor& descriptor) {
  if (descriptor.arguments.size() < 2) return nullptr;
  const auto bytes = quire::flatbuffers_schema(text_of(descriptor));
  if (!bytes) return nullptr;
  const quire::HeapBytes aligned(*bytes, alignof(std::max_align_t));
  flatbuffers::Verifier verifier(quire::detail::as_flatbuffer(aligned.bytes()), bytes->size());
  if (!reflection::VerifySchemaBuffer(verifier)) return nullptr;
  const reflection::Schema& source = *reflection::GetSchema(aligned.bytes().data());
  auto found = find_table(descriptor, aligned.bytes(), source);
  if (!found) return nullptr;
  auto schema = std::make_shared<Schema>();
  schema->plan_ = std::move(found->schema.plan);
  const auto* root = quire::detail::FlatbuffersDescriber(source).find(found->name);
  if (!SchemaReader(source, *schema).read(*root)) return nullptr;
  return schema;
}

bool Schema::admits(Bytes buffer) const {
  return buffer.size() < FLATBUFFERS_MAX_BUFFER_SIZE &&
         quire::detail::FlatbuffersWalk(plan_, buffer).is_sound();
}

}  // namespace kvtool::flat
