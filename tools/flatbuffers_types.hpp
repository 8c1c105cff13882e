// FlatBuffers types: what the binary schema of a table says, in the form that reading and writing
// its values needs.
//
// Schemas come from files and are distrusted. Invariant: what Schema::of() gives can be read and
// built along without harm: structs hold their fields and not themselves, fields of tables have
// slots of their own, and a table fits its index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "quire/formats/flatbuffers.hpp"
#include "tools/descriptor.hpp"
#include "tools/scalar.hpp"

namespace kvtool::flat {

enum class Kind : std::uint8_t {
  scalar,
  structure,  ///< these three lie in what has them,
  array,
  string,  ///< and these are referred to
  table,
  vector,
  choice,  ///< a union: one of several, as the field before it says
};

struct Object;
struct Type;
/// What an enum calls its values, or a union its members.
using Names = std::map<std::int64_t, std::string>;
using Members = std::map<std::uint64_t, Type>;

struct Type {
  Kind kind = Kind::scalar;
  Scalar scalar = {};
  const Names* names = nullptr;              ///< of an enum, and of a choice's members
  const Object* object = nullptr;            ///< of a structure or table
  const Members* members = nullptr;          ///< of a choice
  std::shared_ptr<const Type> element = {};  ///< of an array or vector
  std::size_t count = 0;                     ///< of an array
};

struct Field {
  std::string name;
  Type type = {};
  std::uint16_t at = 0;      ///< offset in a structure; slot in a table's index
  bool has_default = false;  ///< a scalar that stands for a value where it is absent
  std::uint64_t default_bits = 0;
  bool is_required = false;
  std::size_t tag = 0;  ///< of a choice, or a vector of them: index of the field that says which
};

/// A structure or a table. Deprecated fields are none.
struct Object {
  std::string name;
  std::size_t size = 0;  ///< of a structure
  std::size_t alignment = 4;
  std::vector<Field> fields;  ///< in the order of their ids
};

inline bool is_inline(const Type& type) { return type.kind <= Kind::array; }
/// Whether another field says what it is.
bool needs_tag(const Type& type);
/// Of what lies where the field is: references take four bytes.
std::size_t size_of(const Type& type);
std::size_t alignment_of(const Type& type);

/// Thread-safe.
class Schema {
 public:
  /// Of flatbuffers(NAME,...,bfbs:...); null when it has no schema, or one that is not sound or
  /// says something else than the words before it.
  static std::shared_ptr<const Schema> of(const Descriptor& descriptor);

  [[nodiscard]] const Object& root() const { return *root_; }
  /// Whether a program with this schema may read such bytes, as far as references go.
  [[nodiscard]] bool admits(quire::Bytes buffer) const;

 private:
  friend class SchemaReader;

  quire::detail::FlatbuffersPlan plan_;
  std::map<const void*, Object> objects_;  ///< by where they are described
  std::map<const void*, Names> names_;
  std::map<const void*, Members> members_;
  const Object* root_ = nullptr;
};

}  // namespace kvtool::flat
