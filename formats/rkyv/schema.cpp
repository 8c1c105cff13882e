#include "quire/formats/rkyv/schema.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace quire::rkyv {
namespace {

constexpr std::size_t max_types = 100'000;
constexpr std::uint32_t max_nesting = 200;
/// Of an object; no archive is larger.
constexpr std::uint64_t max_size = std::uint64_t{1} << 31;

/// Scalars, and what has neither arguments nor a size that depends on any.
struct Plain {
  std::string_view word;
  Kind kind;
  std::uint8_t size;
  std::uint8_t align;
  bool is_signed;
};
constexpr Plain plain_types[] = {
    {"u8", Kind::integer, 1, 1, false},         {"u16", Kind::integer, 2, 2, false},
    {"u32", Kind::integer, 4, 4, false},        {"u64", Kind::integer, 8, 8, false},
    {"u128", Kind::integer, 16, 16, false},     {"i8", Kind::integer, 1, 1, true},
    {"i16", Kind::integer, 2, 2, true},         {"i32", Kind::integer, 4, 4, true},
    {"i64", Kind::integer, 8, 8, true},         {"i128", Kind::integer, 16, 16, true},
    {"usize", Kind::integer, 4, 4, false},      {"isize", Kind::integer, 4, 4, true},
    {"f32", Kind::floating, 4, 4, true},        {"f64", Kind::floating, 8, 8, true},
    {"bool", Kind::boolean, 1, 1, false},       {"char", Kind::character, 4, 4, false},
    {"string", Kind::string, 8, 4, false},      {"cstring", Kind::c_string, 8, 4, false},
    {"duration", Kind::duration, 16, 8, false}, {"unit", Kind::structure, 0, 1, false},
    {"str", Kind::text, 0, 1, false},           {"niche_bool", Kind::niche_boolean, 1, 1, false}};

bool is_free(const Type& type) {
  const auto all_free = [](const std::vector<Part>& parts) {
    return std::all_of(parts.begin(), parts.end(),
                       [](const Part& part) { return part.type->is_free; });
  };
  switch (type.kind) {
    case Kind::integer: return !type.is_nonzero;
    case Kind::floating:
    case Kind::niche_integer:
    case Kind::niche_nan:
    case Kind::niche_boolean: return true;
    case Kind::structure: return all_free(type.parts);
    case Kind::array: return type.element->is_free;
    default: return false;
  }
}

}  // namespace

/// By descent: a word, and its arguments in parentheses.
class SchemaParser {
 public:
  explicit SchemaParser(std::string_view text) : rest_(text), schema_(new Schema) {}

  Result<std::shared_ptr<const Schema>> run() {
    const Type* root = value_type();
    if (root != nullptr && !rest_.empty()) root = refuse("there is more behind its end");
    if (root == nullptr) return fail(*problem_);
    schema_->root_ = root;
    for (const Type& type : schema_->types_)
      schema_->alignment_ = std::max(schema_->alignment_, type.extent.align);
    return std::shared_ptr<const Schema>(std::move(schema_));
  }

 private:
  using Maker = const Type* (SchemaParser::*)();

  // ---- The text

  const Type* refuse(std::string_view why) {
    if (!problem_)
      problem_ = Error(ErrorCode::invalid_argument)
                     .with_detail("no description of an archive: " + std::string(why) +
                                  ", before \"" + std::string(rest_.substr(0, 40)) + "\"");
    return nullptr;
  }
  bool accept(char mark) {
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool expect(char mark) {
    if (accept(mark)) return true;
    refuse(std::string("there is no ") + mark);
    return false;
  }
  std::string_view take_until(std::string_view marks) {
    const std::size_t size = std::min(rest_.find_first_of(marks), rest_.size());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class Number>
  bool take_number(Number& number) {
    const std::string_view digits = take_until("(,)");
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty())
      return true;
    refuse("there is no number");
    return false;
  }

  // ---- Types

  /// One of which each text stands for.
  const Type* type() {
    if (schema_->types_.size() > max_types || nesting_ > max_nesting)
      return refuse("it is too large");
    const std::string_view begin = rest_;
    ++nesting_;
    const Type* const made = make();
    --nesting_;
    if (made == nullptr) return nullptr;
    const std::string_view text = begin.substr(0, begin.size() - rest_.size());
    return known_.try_emplace(text, made).first->second;
  }
  /// One that a field may have.
  const Type* value_type() {
    const Type* const made = type();
    if (made == nullptr || is_sized(*made)) return made;
    return refuse("only pointers point to " + made->word);
  }
  /// One whose size is known already.
  const Type* whole_type() {
    const Type* const made = value_type();
    return made != nullptr && open_.contains(made) ? refuse("it contains itself") : made;
  }

  static bool is_sized(const Type& type) {
    return type.kind != Kind::slice && type.kind != Kind::text;
  }

  const Type* make() {
    const std::string_view word = take_until("(,)=:");
    for (const Plain& plain : plain_types)
      if (plain.word == word) return make_plain(plain);
    if (!expect('(')) return nullptr;
    const auto maker = makers().find(word);
    if (maker == makers().end()) return refuse("there is no type " + std::string(word));

    const Type* const made = (this->*maker->second)();
    return made != nullptr && expect(')') ? made : nullptr;
  }

  static const std::map<std::string_view, Maker>& makers() {
    static const std::map<std::string_view, Maker> all = {
        {"nonzero", &SchemaParser::make_nonzero},
        {"option", &SchemaParser::make_option},
        {"result", &SchemaParser::make_result},
        {"array", &SchemaParser::make_array},
        {"vec", &SchemaParser::make_vector},
        {"slice", &SchemaParser::make_slice},
        {"tuple", &SchemaParser::make_tuple},
        {"box", &SchemaParser::make_box},
        {"rc", &SchemaParser::make_rc},
        {"arc", &SchemaParser::make_arc},
        {"weak", &SchemaParser::make_weak},
        {"hash_map", &SchemaParser::make_hash_map},
        {"hash_set", &SchemaParser::make_hash_set},
        {"btree_map", &SchemaParser::make_tree_map},
        {"btree_set", &SchemaParser::make_tree_set},
        {"niche", &SchemaParser::make_niche},
        {"niche_nan", &SchemaParser::make_niche_nan},
        {"struct", &SchemaParser::make_struct},
        {"enum", &SchemaParser::make_enum},
        {"ref", &SchemaParser::make_reference}};
    return all;
  }

  Type& add(Kind kind, std::string_view word, Extent extent) {
    Type& type = schema_->types_.emplace_back();
    type.kind = kind;
    type.word = word;
    type.extent = extent;
    return type;
  }
  const Type* finish(Type& type) {
    if (type.extent.size > max_size) return refuse("it is too large");
    type.is_free = is_free(type);
    open_.erase(&type);
    return &type;
  }

  const Type* make_plain(const Plain& plain) {
    Type& type = add(plain.kind, plain.word, {plain.size, plain.align});
    type.is_signed = plain.is_signed;
    if (plain.kind == Kind::duration) {
      if (!add_part(type.parts, "secs", 0, "u64") || !add_part(type.parts, "nanos", 8, "u32"))
        return nullptr;
    }
    return finish(type);
  }
  bool add_part(std::vector<Part>& parts, std::string_view name, std::uint64_t offset,
                std::string_view plain) {
    for (const Plain& each : plain_types)
      if (each.word == plain) parts.push_back({std::string(name), make_plain(each), offset});
    return true;
  }

  // ---- One argument

  /// The same integer, of which one value is not valid.
  const Type* make_nonzero() {
    const Type* const integer = type();
    if (integer == nullptr) return nullptr;
    if (integer->kind != Kind::integer) return refuse("nonzero is of integers");
    Type& type = add(Kind::integer, "nonzero", integer->extent);
    type.is_signed = integer->is_signed;
    type.is_nonzero = true;
    type.element = integer;
    return finish(type);
  }
  const Type* make_over(Kind kind, std::string_view word, Extent extent, const Type* element) {
    if (element == nullptr) return nullptr;
    Type& type = add(kind, word, extent);
    type.element = element;
    return finish(type);
  }
  const Type* make_vector() { return make_over(Kind::vector, "vec", {8, 4}, value_type()); }
  const Type* make_slice() { return make_over(Kind::slice, "slice", {0, 1}, value_type()); }
  const Type* make_hash_set() {
    return make_over(Kind::hash_set, "hash_set", hash_object, value_type());
  }
  const Type* make_tree_set() {
    return make_over(Kind::tree_set, "btree_set", tree_object, value_type());
  }
  const Type* make_pointer(Kind kind, std::string_view word) {
    const Type* const element = type();
    if (element == nullptr) return nullptr;
    return make_over(kind, word, {is_sized(*element) ? 4U : 8U, 4}, element);
  }
  const Type* make_box() { return make_pointer(Kind::pointer, "box"); }
  const Type* make_rc() { return make_pointer(Kind::shared, "rc"); }
  const Type* make_arc() {
    const Type* const made = make_pointer(Kind::shared, "arc");
    if (made != nullptr) schema_->types_.back().is_atomic = true;
    return made;
  }
  const Type* make_weak() {
    const Type* const strong = type();
    if (strong == nullptr) return nullptr;
    if (strong->kind != Kind::shared) return refuse("weak is of rc or arc");
    const bool is_atomic = strong->is_atomic;
    const Type* const made = make_over(Kind::weak, "weak", strong->extent, strong->element);
    if (made != nullptr) schema_->types_.back().is_atomic = is_atomic;
    return made;
  }
  const Type* make_niche() {
    const Type* const element = type();
    if (element == nullptr) return nullptr;
    const bool is_integer = element->kind == Kind::integer && element->is_nonzero;
    if (!is_integer && element->kind != Kind::pointer) return refuse("niche is of box or nonzero");
    return make_over(is_integer ? Kind::niche_integer : Kind::niche_pointer, "niche",
                     element->extent, element);
  }
  const Type* make_niche_nan() {
    const Type* const element = type();
    if (element == nullptr) return nullptr;
    if (element->kind != Kind::floating) return refuse("niche_nan is of floats");
    return make_over(Kind::niche_nan, "niche_nan", element->extent, element);
  }

  // ---- More arguments

  const Type* make_array() {
    const Type* const element = whole_type();
    std::uint64_t count = 0;
    if (element == nullptr || !expect(',') || !take_number(count)) return nullptr;
    if (count > max_size) return refuse("it is too large");
    Type& type = add(Kind::array, "array", {element->extent.size * count, element->extent.align});
    type.element = element;
    type.count = count;
    return finish(type);
  }
  const Type* make_map(Kind kind, std::string_view word, Extent extent) {
    const Type* const key = value_type();
    if (key == nullptr || !expect(',')) return nullptr;
    const Type* const value = value_type();
    if (value == nullptr) return nullptr;
    Type& type = add(kind, word, extent);
    type.element = key;
    type.value = value;
    return finish(type);
  }
  const Type* make_hash_map() { return make_map(Kind::hash_map, "hash_map", hash_object); }
  const Type* make_tree_map() { return make_map(Kind::tree_map, "btree_map", tree_object); }

  const Type* make_tuple() {
    Type& type = add(Kind::structure, "tuple", {});
    StructLayout layout;
    do {
      const Type* const part = whole_type();
      if (part == nullptr) return nullptr;
      type.parts.push_back({std::to_string(type.parts.size()), part, layout.add(part->extent)});
    } while (accept(','));
    type.extent = layout.extent();
    return finish(type);
  }
  const Type* make_option() {
    const Type* const some = whole_type();
    if (some == nullptr) return nullptr;
    Type& type = add(Kind::enumeration, "option", {});
    type.variants.push_back({"None", 0, {}});
    add_alone(type, "Some", 1, some);
    return finish_enum(type);
  }
  const Type* make_result() {
    const Type* const ok = whole_type();
    if (ok == nullptr || !expect(',')) return nullptr;
    const Type* const error = whole_type();
    if (error == nullptr) return nullptr;
    Type& type = add(Kind::enumeration, "result", {});
    add_alone(type, "Ok", 0, ok);
    add_alone(type, "Err", 1, error);
    return finish_enum(type);
  }
  static void add_alone(Type& type, std::string name, std::uint8_t tag, const Type* part) {
    type.variants.push_back(
        {std::move(name), tag, {{"0", part, StructLayout(1).add(part->extent)}}});
  }

  // ---- With a name

  /// Known by its name from now on.
  Type* begin_named(Kind kind, std::string_view word) {
    const std::string_view name = take_until("(,)=:");
    if (name.empty()) {
      refuse("there is no name");
      return nullptr;
    }
    Type& type = add(kind, word, {});
    type.name = name;
    open_.insert(&type);
    if (named_.try_emplace(name, &type).second) return &type;
    refuse("there are two types " + std::string(name));
    return nullptr;
  }
  const Type* make_reference() {
    const auto found = named_.find(take_until("(,)=:"));
    return found == named_.end() ? refuse("a ref names what was not begun") : found->second;
  }
  const Type* make_struct() {
    Type* const type = begin_named(Kind::structure, "struct");
    if (type == nullptr) return nullptr;
    StructLayout layout;
    if (accept(',') && !take_fields(type->parts, layout)) return nullptr;
    type->extent = layout.extent();
    return finish(*type);
  }
  bool take_fields(std::vector<Part>& parts, StructLayout& layout) {
    do {
      const std::string_view name = take_until("(,)=:");
      if (!expect(':')) return false;
      const Type* const part = whole_type();
      if (part == nullptr) return false;
      parts.push_back({std::string(name), part, layout.add(part->extent)});
    } while (accept(','));
    return true;
  }
  const Type* make_enum() {
    Type* const type = begin_named(Kind::enumeration, "enum");
    if (type == nullptr) return nullptr;
    while (accept(',')) {
      Variant variant{std::string(take_until("(,)=:")), 0, {}};
      if (!expect('=') || !take_number(variant.tag)) return nullptr;
      if (type->variant(variant.tag) != nullptr) return refuse("a tag stands for two variants");
      StructLayout layout(1);
      if (accept('(') && !(take_fields(variant.parts, layout) && expect(')'))) return nullptr;
      type->variants.push_back(std::move(variant));
    }
    return finish_enum(*type);
  }
  const Type* finish_enum(Type& type) {
    type.extent = {1, 1};
    for (const Variant& variant : type.variants) {
      StructLayout layout(1);
      for (const Part& part : variant.parts) layout.add(part.type->extent);
      type.extent.size = std::max(type.extent.size, layout.extent().size);
      type.extent.align = std::max(type.extent.align, layout.extent().align);
    }
    type.extent.size = round_up(type.extent.size, type.extent.align);
    return finish(type);
  }

  std::string_view rest_;
  std::unique_ptr<Schema> schema_;
  std::optional<Error> problem_;
  std::uint32_t nesting_ = 0;
  std::map<std::string_view, const Type*> known_;
  std::map<std::string_view, const Type*> named_;
  std::set<const Type*> open_;  ///< their size is not known yet
};

const Variant* Type::variant(std::uint8_t tag) const {
  const auto found = std::find_if(variants.begin(), variants.end(),
                                  [&](const Variant& each) { return each.tag == tag; });
  return found == variants.end() ? nullptr : &*found;
}

EntryLayout entry_layout(const Type& map) {
  StructLayout layout;
  layout.add(map.element->extent);
  const std::uint64_t value = map.value == nullptr ? 0 : layout.add(map.value->extent);
  return {value, layout.extent()};
}

NodeLayout node_layout(const Type& map) {
  return {map.element->extent, map.value == nullptr ? Extent{} : map.value->extent};
}

Result<std::shared_ptr<const Schema>> Schema::parse(std::string_view text) {
  return SchemaParser(text).run();
}

}  // namespace quire::rkyv
