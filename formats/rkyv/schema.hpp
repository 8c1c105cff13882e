// Schema: what an archive is made of, read from the text that describes it.
//
// The text is what the catalog keeps of a table (its descriptor), so that a program which has never
// seen the types can check, show and write their values. It is made of these words:
//   u8 u16 u32 u64 u128 i8 ... i128 f32 f64 bool char usize isize unit string cstring duration
//   nonzero(INTEGER)   option(T) result(T,E) array(T,COUNT) vec(T) tuple(T,...)
//   box(P) rc(P) arc(P) weak(rc(P)) weak(arc(P))           P: T, slice(T) or str
//   hash_map(K,V) hash_set(K) btree_map(K,V) btree_set(K)
//   niche(box(P)) niche(nonzero(INTEGER)) niche_nan(FLOAT) niche_bool
//   struct(NAME,FIELD:T,...)    enum(NAME,VARIANT=TAG,VARIANT=TAG(FIELD:T,...),...)
//   ref(NAME)                   a struct or enum that was begun before
// A field that is numbered instead of named is one of a tuple.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/formats/rkyv/layout.hpp"

namespace quire::rkyv {

enum class Kind : std::uint8_t {
  integer,
  floating,
  boolean,
  character,
  string,
  c_string,
  duration,
  structure,    ///< tuples too, and unit
  enumeration,  ///< option and result too
  array,
  vector,
  pointer,  ///< to one owner's value
  shared,   ///< to a value that others may point to
  weak,
  hash_map,
  hash_set,
  tree_map,
  tree_set,
  slice,  ///< what only pointers point to
  text,
  niche_pointer,
  niche_integer,
  niche_nan,
  niche_boolean,
};

struct Type;

/// A field, or an element of a tuple.
struct Part {
  std::string name;
  const Type* type = nullptr;
  std::uint64_t offset = 0;
};

struct Variant {
  std::string name;
  std::uint8_t tag = 0;
  std::vector<Part> parts;
};

struct Type {
  Kind kind = Kind::structure;
  std::string word;  ///< of the text: struct, vec, u32
  std::string name;  ///< of a struct or enum
  Extent extent;
  bool is_signed = false;
  bool is_nonzero = false;
  bool is_atomic = false;  ///< shared by threads: arc
  bool is_free = false;    ///< any bytes are valid, and it owns nothing
  std::uint64_t count = 0;
  const Type* element = nullptr;  ///< also what is pointed to, and the key of a map or set
  const Type* value = nullptr;    ///< of a map
  std::vector<Part> parts;
  std::vector<Variant> variants;

  [[nodiscard]] bool is_word() const { return word == "usize" || word == "isize"; }
  /// By what it stores; null when there is none.
  [[nodiscard]] const Variant* variant(std::uint8_t tag) const;
};

/// A key and a value, as hash tables keep them.
struct EntryLayout {
  std::uint64_t value = 0;
  Extent extent;
};
[[nodiscard]] EntryLayout entry_layout(const Type& map);
[[nodiscard]] NodeLayout node_layout(const Type& map);

/// Types refer to each other, so it does not move. Reading is thread-safe.
class Schema {
 public:
  /// invalid_argument: the text is no description of a type, or of one that is too large.
  static Result<std::shared_ptr<const Schema>> parse(std::string_view text);

  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;
  ~Schema() = default;

  [[nodiscard]] const Type& root() const { return *root_; }
  /// The largest alignment of any type in it.
  [[nodiscard]] std::uint64_t alignment() const { return alignment_; }

 private:
  friend class SchemaParser;
  Schema() = default;

  std::deque<Type> types_;
  const Type* root_ = nullptr;
  std::uint64_t alignment_ = 1;
};

}  // namespace quire::rkyv
