// FlatBuffers walk: whether a buffer is one that may be verified and read.
//
// flatbuffers' verifier counts tables, and no strings or members of unions: a hostile buffer whose
// tables all share one large vector takes it time with the square of the size. Nor does it look
// whether the elements of a vector lie at their alignment. A walk along the schema sees to both,
// before the verifier is asked about the rest.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <flatbuffers/reflection_generated.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "quire/engine/base/bytes.hpp"

namespace quire::detail {

/// A reflection::BaseType as the number that is stored, because one that is none of its values may
/// not be read as one.
inline int number_in(const reflection::Type& type, flatbuffers::voffset_t field) {
  // NOLINTNEXTLINE(bugprone-casting-through-void): the class that Type derives from in private.
  const auto* table = static_cast<const flatbuffers::Table*>(static_cast<const void*>(&type));
  return table->GetField<std::int8_t>(field, reflection::None);
}
inline int base_of(const reflection::Type& type) {
  return number_in(type, reflection::Type::VT_BASE_TYPE);
}
inline int element_of(const reflection::Type& type) {
  return number_in(type, reflection::Type::VT_ELEMENT);
}

/// What a walk has to look at in each table of a schema. Thread-safe to read.
struct FlatbuffersPlan {
  using TableIndex = std::size_t;
  /// The tables among a union's members, by their tags.
  using Members = std::map<std::uint8_t, TableIndex>;

  enum class Kind : std::uint8_t { table, one_of, vector, strings, tables, many_of };
  struct Field {
    Kind kind;
    std::uint16_t slot;       ///< where the table's index of fields has it; a union's tag before it
    std::uint32_t alignment;  ///< of a vector's elements
    TableIndex table;         ///< of a table
    Members members;          ///< of a union
  };
  using Table = std::vector<Field>;

  /// The first is the root.
  std::vector<Table> tables;
};

/// Makes a plan of a schema. Needs one that FlatbuffersDescriber found sound.
class FlatbuffersPlanner {
 public:
  explicit FlatbuffersPlanner(const reflection::Schema& schema) : schema_(schema) {}

  FlatbuffersPlan plan(const reflection::Object& root) {
    index_of(root);
    return std::move(plan_);
  }

 private:
  using Kind = FlatbuffersPlan::Kind;
  using Field = FlatbuffersPlan::Field;

  FlatbuffersPlan::TableIndex index_of(const reflection::Object& object) {
    const auto [known, is_new] = indices_.try_emplace(&object, plan_.tables.size());
    const FlatbuffersPlan::TableIndex index = known->second;
    if (!is_new) return index;
    plan_.tables.emplace_back();
    for (const auto* field : *object.fields()) {
      if (field->deprecated()) continue;
      if (base_of(*field->type()) == reflection::Vector) {
        add_vector(index, *field);
      } else {
        add(index, *field, base_of(*field->type()), Kind::table, Kind::one_of);
      }
    }
    return index;
  }

  void add_vector(FlatbuffersPlan::TableIndex index, const reflection::Field& field) {
    const int element = element_of(*field.type());
    if (add(index, field, element, Kind::tables, Kind::many_of)) return;
    const Kind kind = element == reflection::String ? Kind::strings : Kind::vector;
    plan_.tables[index].push_back({.kind = kind,
                                   .slot = field.offset(),
                                   .alignment = alignment_of(*field.type(), element),
                                   .table = 0,
                                   .members = {}});
  }

  /// Tables and unions, alone or in a vector; false for what is neither.
  bool add(FlatbuffersPlan::TableIndex index, const reflection::Field& field, int base, Kind table,
           Kind one_of) {
    Field planned{.kind = table, .slot = field.offset(), .alignment = 4, .table = 0, .members = {}};
    if (base == reflection::Obj && !object_of(*field.type()).is_struct()) {
      planned.table = index_of(object_of(*field.type()));
    } else if (base == reflection::Union) {
      planned.kind = one_of;
      planned.members = members_of(*field.type());
    } else {
      return false;
    }
    plan_.tables[index].push_back(std::move(planned));
    return true;
  }

  FlatbuffersPlan::Members members_of(const reflection::Type& type) {
    FlatbuffersPlan::Members members;
    for (const auto* value : *schema_.enums()->Get(index_in(type))->values()) {
      const reflection::Type* member = value->union_type();
      if (member == nullptr || base_of(*member) != reflection::Obj) continue;
      if (const auto& object = object_of(*member); !object.is_struct())
        members.emplace(static_cast<std::uint8_t>(value->value()), index_of(object));
    }
    return members;
  }

  [[nodiscard]] std::uint32_t alignment_of(const reflection::Type& type, int element) const {
    switch (element) {
      case reflection::Obj: return static_cast<std::uint32_t>(object_of(type).minalign());
      case reflection::Short:
      case reflection::UShort: return 2;
      case reflection::Int:
      case reflection::UInt:
      case reflection::Float:
      case reflection::String: return 4;
      case reflection::Long:
      case reflection::ULong:
      case reflection::Double: return 8;
      default: return 1;
    }
  }

  static flatbuffers::uoffset_t index_in(const reflection::Type& type) {
    return static_cast<flatbuffers::uoffset_t>(type.index());
  }
  [[nodiscard]] const reflection::Object& object_of(const reflection::Type& type) const {
    return *schema_.objects()->Get(index_in(type));
  }

  const reflection::Schema& schema_;
  std::map<const reflection::Object*, FlatbuffersPlan::TableIndex> indices_;
  FlatbuffersPlan plan_;
};

/// One walk through one buffer. Takes any bytes.
class FlatbuffersWalk {
 public:
  static constexpr int max_depth = 64;

  FlatbuffersWalk(const FlatbuffersPlan& plan, Bytes buffer)
      : plan_(plan), buffer_(buffer), steps_left_(2 * buffer.size()) {}

  /// False for what cannot be verified, is nested deeper than max_depth, takes more than two steps
  /// for each byte, or has a vector at a wrong place.
  bool is_sound() { return walk_reference(0, 0, 0); }

 private:
  using Kind = FlatbuffersPlan::Kind;

  /// A table and its index of fields.
  struct Table {
    std::size_t at;
    std::size_t index;
    std::uint16_t index_size;
  };

  template <class T>
  [[nodiscard]] bool read(std::size_t at, T& value) const {
    if (at >= buffer_.size() || buffer_.size() - at < sizeof(T)) return false;
    std::memcpy(&value, buffer_.data() + at, sizeof(T));
    return true;
  }

  /// Where what is referred to begins.
  [[nodiscard]] bool follow(std::size_t at, std::size_t& target) const {
    flatbuffers::uoffset_t distance = 0;
    if (!read(at, distance)) return false;
    target = at + distance;
    return true;
  }

  /// Where a field of a table lies; 0 when it is absent.
  [[nodiscard]] bool find(const Table& table, std::size_t slot, std::size_t& at) const {
    at = 0;
    if (slot + sizeof(flatbuffers::voffset_t) > table.index_size) return true;
    flatbuffers::voffset_t distance = 0;
    if (!read(table.index + slot, distance)) return false;
    if (distance != 0) at = table.at + distance;
    return true;
  }

  bool spend(std::size_t steps) {
    if (steps > steps_left_) return false;
    steps_left_ -= steps;
    return true;
  }

  bool walk_reference(std::size_t at, FlatbuffersPlan::TableIndex type, int depth) {
    std::size_t table = 0;
    return follow(at, table) && walk_table(table, type, depth);
  }

  bool walk_table(std::size_t at, FlatbuffersPlan::TableIndex type, int depth) {
    flatbuffers::soffset_t back = 0;
    Table table{.at = at, .index = 0, .index_size = 0};
    if (depth == max_depth || !spend(1) || !read(at, back)) return false;
    table.index = at - static_cast<std::size_t>(static_cast<std::ptrdiff_t>(back));
    if (!read(table.index, table.index_size)) return false;
    for (const FlatbuffersPlan::Field& field : plan_.tables[type]) {
      std::size_t found = 0;
      if (!find(table, field.slot, found)) return false;
      if (found != 0 && !walk_field(table, field, found, depth)) return false;
    }
    return true;
  }

  bool walk_field(const Table& table, const FlatbuffersPlan::Field& field, std::size_t at,
                  int depth) {
    if (field.kind == Kind::table) return walk_reference(at, field.table, depth + 1);
    std::size_t tag = 0;
    const bool has_tag = field.kind == Kind::one_of || field.kind == Kind::many_of;
    if (has_tag && !find(table, field.slot - sizeof(flatbuffers::voffset_t), tag)) return false;
    if (field.kind == Kind::one_of) return walk_member(field, at, tag, depth);
    std::size_t vector = 0;
    flatbuffers::uoffset_t count = 0;
    if (!follow(at, vector) || !read(vector, count)) return false;
    const std::size_t first = vector + sizeof(count);
    if (count != 0 && first % field.alignment != 0) return false;
    if (field.kind == Kind::vector) return true;
    return spend(count) && walk_elements(field, first, count, tag, depth);
  }

  bool walk_elements(const FlatbuffersPlan::Field& field, std::size_t first, std::size_t count,
                     std::size_t tag, int depth) {
    if (field.kind == Kind::strings) return true;
    std::size_t tags = 0;
    if (field.kind == Kind::many_of && (tag == 0 || !follow(tag, tags))) return false;
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t at = first + n * sizeof(flatbuffers::uoffset_t);
      const bool is_sound =
          field.kind == Kind::tables
              ? walk_reference(at, field.table, depth + 1)
              : walk_member(field, at, tags + sizeof(flatbuffers::uoffset_t) + n, depth);
      if (!is_sound) return false;
    }
    return true;
  }

  /// A member that is no table, or is not known, has nothing in it to walk through.
  bool walk_member(const FlatbuffersPlan::Field& field, std::size_t at, std::size_t tag,
                   int depth) {
    std::uint8_t number = 0;
    if (tag != 0 && !read(tag, number)) return false;
    const auto member = field.members.find(number);
    return member == field.members.end() || walk_reference(at, member->second, depth + 1);
  }

  const FlatbuffersPlan& plan_;
  Bytes buffer_;
  std::size_t steps_left_;
};

}  // namespace quire::detail
