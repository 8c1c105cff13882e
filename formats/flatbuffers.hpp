// FlatbuffersFormat: tables of FlatBuffers, read in place through the classes that flatc generates.
//
// A value is put from its object (MonsterT), from a finished flatbuffers::FlatBufferBuilder, or
// from bytes; all are verified before they are stored. It is shown as the generated class, a
// `const Monster&` in the stored bytes.
//
// flatc --cpp --gen-object-api --gen-name-strings --bfbs-gen-embed is what goes with it: the object
// is optional, the name may also be given (type_name), and the binary schema, when the format gets
// it, is kept with the table: opening then checks it, and tools can show the values.
//
// FlatBuffers' headers are all this needs (pkg-config: flatbuffers); there is nothing to link.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/formats/flatbuffers_evolution.hpp"
#include "quire/formats/flatbuffers_schema.hpp"
#include "quire/formats/format.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/in_place.hpp"
#include "quire/formats/names.hpp"

namespace quire {

/// A class that flatc generated for a table.
template <class V>
concept FlatbuffersTable = requires(const V& table, flatbuffers::Verifier& verifier) {
  { table.Verify(verifier) } -> std::same_as<bool>;
};

namespace detail {

template <class V>
concept HasFlatbuffersObject = requires { typename V::NativeTableType; };

/// What stands for the object of a table that was generated without one.
struct NoFlatbuffersObject {};

template <class V>
struct FlatbuffersObjectOf {
  using Type = NoFlatbuffersObject;
};
template <HasFlatbuffersObject V>
struct FlatbuffersObjectOf<V> {
  using Type = typename V::NativeTableType;
};

/// A builder with flatbuffers' own allocator puts structs that ask for alignment 16 at addresses of
/// alignment 8, where the code that the compiler makes for them may not write.
class AlignedAllocator : public flatbuffers::Allocator {
 public:
  static constexpr std::size_t alignment = FLATBUFFERS_MAX_ALIGNMENT;

  std::uint8_t* allocate(std::size_t size) override {
    return static_cast<std::uint8_t*>(::operator new(size, std::align_val_t{alignment}));
  }
  void deallocate(std::uint8_t* room, std::size_t) override {
    ::operator delete(room, std::align_val_t{alignment});
  }
};

/// It keeps nothing, so one is enough for all builders and what they release.
inline AlignedAllocator aligned_allocator;

/// Bytes, and what owns them where nobody else does.
class EncodedFlatbuffer {
 public:
  explicit EncodedFlatbuffer(Bytes borrowed) : bytes_(borrowed) {}
  explicit EncodedFlatbuffer(HeapBytes owned) : bytes_(owned.bytes()), owner_(std::move(owned)) {}
  explicit EncodedFlatbuffer(flatbuffers::DetachedBuffer owned)
      : bytes_(std::as_bytes(std::span(owned.data(), owned.size()))), owner_(std::move(owned)) {}

  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }

 private:
  Bytes bytes_;
  std::variant<std::monostate, HeapBytes, flatbuffers::DetachedBuffer> owner_;
};

/// Whether bytes hold a table of type V at their root, with all that it refers to. They may be at
/// any address of alignment 4.
template <class V>
bool is_flatbuffer(Bytes bytes) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return false;
  flatbuffers::Verifier::Options options;
  options.max_depth = FlatbuffersWalk::max_depth;
  // A table takes four bytes, and four more for each reference to it.
  options.max_tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / 4);
  // These are bytes to us: their own limits would start anew with each of them.
  options.check_nested_flatbuffers = false;
  flatbuffers::Verifier verifier(as_flatbuffer(bytes), bytes.size(), options);
  return verifier.VerifyBuffer<V>();
}

}  // namespace detail

/// A value to be stored, as it is at hand: refers to it, and lives no longer. Each of these turns
/// into one by itself.
template <FlatbuffersTable V>
class FlatbuffersValue {
 public:
  using Object = typename detail::FlatbuffersObjectOf<V>::Type;

  /// An object. Needs one that has what the schema requires; flatbuffers asserts that.
  FlatbuffersValue(const Object& object)  // NOLINT(google-explicit-constructor)
    requires detail::HasFlatbuffersObject<V>
      : source_(&object) {}
  /// A builder that is finished, without a size prefix. An unfinished one is refused. (Mind that
  /// flatbuffers' builder needs its argument buffer_minalign for structs aligned above 8.)
  FlatbuffersValue(  // NOLINT(google-explicit-constructor)
      const flatbuffers::FlatBufferBuilder& builder)
      : source_(bytes_of(builder)) {}
  /// A finished buffer, at any address.
  FlatbuffersValue(Bytes buffer) : source_(buffer) {}  // NOLINT(google-explicit-constructor)
  FlatbuffersValue(                                    // NOLINT(google-explicit-constructor)
      std::span<const std::uint8_t> buffer)
      : source_(std::as_bytes(buffer)) {}
  template <class Buffer>
    requires std::convertible_to<const Buffer&, Bytes> ||
             std::convertible_to<const Buffer&, std::span<const std::uint8_t>>
  FlatbuffersValue(const Buffer& buffer)  // NOLINT(google-explicit-constructor)
      : FlatbuffersValue(std::span(buffer)) {}

  /// Its stored form, not verified yet.
  [[nodiscard]] detail::EncodedFlatbuffer encode() const {
    if constexpr (detail::HasFlatbuffersObject<V>) {
      if (const auto* object = std::get_if<const Object*>(&source_)) {
        flatbuffers::FlatBufferBuilder builder(1024, &detail::aligned_allocator, false,
                                               detail::AlignedAllocator::alignment);
        builder.Finish(V::Pack(builder, *object));
        return detail::EncodedFlatbuffer(builder.Release());
      }
    }
    const Bytes bytes = std::get<Bytes>(source_);
    if (is_aligned(bytes, alignof(flatbuffers::uoffset_t))) [[likely]]
      return detail::EncodedFlatbuffer(bytes);
    return detail::EncodedFlatbuffer(HeapBytes(bytes, alignof(flatbuffers::uoffset_t)));
  }

 private:
  static Bytes bytes_of(const flatbuffers::FlatBufferBuilder& builder) {
    if (builder.GetSize() == 0) return {};
    return std::as_bytes(std::span(builder.GetCurrentBufferPointer(), builder.GetSize()));
  }

  std::variant<const Object*, Bytes> source_;
};

/// A table of V's, with or without its schema. Reading a value verifies it, which takes time in
/// proportion to its number of tables and strings. Without the schema this holds only for values
/// that nobody made on purpose to take longer, and vectors of what is aligned above 4 bytes are not
/// checked for their alignment: give the schema where values come from strangers.
///
/// Nested buffers (nested_flatbuffer) are bytes here: verify them before you read them.
template <FlatbuffersTable V>
class FlatbuffersFormat {
 public:
  static constexpr std::string_view name = "flatbuffers";
  static constexpr std::uint32_t version = 1;
  static constexpr bool checks_once = true;

  template <std::same_as<V> T>
  using Argument = FlatbuffersValue<V>;
  template <std::same_as<V> T>
  using View = const V&;

  /// Without a schema: tables are told apart by the name of V alone.
  FlatbuffersFormat() = default;

  /// With the binary schema that V was generated from, as --bfbs-gen-embed embeds it or `flatc -b
  /// --schema` writes it; it is copied. invalid_argument when the bytes are no schema or have no
  /// table V. Without --gen-name-strings V is taken for the schema's root type.
  static Result<FlatbuffersFormat> with_schema(Bytes schema) {
    auto described = FlatbuffersSchema::of(schema, full_name());
    if (!described) return fail(described);
    FlatbuffersFormat format;
    format.schema_ = std::make_shared<const FlatbuffersSchema>(*std::move(described));
    return format;
  }
  /// The same: `with_schema(MonsterBinarySchema::data(), MonsterBinarySchema::size())`.
  static Result<FlatbuffersFormat> with_schema(const std::uint8_t* data, std::size_t size) {
    return with_schema(std::as_bytes(std::span(data, size)));
  }

  /// 16, or more where the schema has structs that ask for it (force_align).
  template <std::same_as<V> T>
  [[nodiscard]] std::uint32_t alignment() const noexcept {
    constexpr std::uint32_t usual = 16;
    return schema_ ? std::max(usual, schema_->alignment) : usual;
  }

  /// "flatbuffers(Monster)"; with a schema also what it says, and the schema itself.
  template <std::same_as<V> T>
  [[nodiscard]] std::string descriptor() const {
    std::string text = "flatbuffers(";
    text.append(short_name());
    if (schema_) text.append(",").append(schema_->arguments);
    return text.append(")");
  }
  /// Nothing where asked is stored, or a schema that only adds to it.
  [[nodiscard]] static std::optional<std::string> descriptor_difference(std::string_view stored,
                                                                        std::string_view asked) {
    return detail::flatbuffers_difference(stored, asked);
  }

  /// invalid_argument where it is no such table, or is nested deeper than 64 tables.
  template <std::same_as<V> T>
  [[nodiscard]] Result<detail::EncodedFlatbuffer> encode_value(
      const FlatbuffersValue<V>& value) const {
    detail::EncodedFlatbuffer encoded = value.encode();
    if (is_sound(encoded.bytes())) return encoded;
    return fail(
        Error(ErrorCode::invalid_argument)
            .with_detail("what is to be stored is no FlatBuffer of " + std::string(short_name())));
  }

  template <std::same_as<V> T>
  [[nodiscard]] Status check(Bytes stored) const {
    if (is_aligned(stored, alignment<V>()) && is_sound(stored)) [[likely]]
      return {};
    return fail(Error(ErrorCode::corrupt)
                    .with_detail("a value of " + std::to_string(stored.size()) +
                                 " bytes is no FlatBuffer of " + std::string(short_name())));
  }

  template <std::same_as<V> T>
  [[nodiscard]] const V& view(Bytes stored) const noexcept {
    return *flatbuffers::GetRoot<V>(stored.data());
  }

 private:
  [[nodiscard]] bool is_sound(Bytes buffer) const {
    if (schema_ && !detail::FlatbuffersWalk(schema_->plan, buffer).is_sound()) return false;
    return detail::is_flatbuffer<V>(buffer);
  }

  static constexpr std::string_view full_name() {
    if constexpr (requires { V::GetFullyQualifiedName(); }) {
      return V::GetFullyQualifiedName();
    } else {
      return {};
    }
  }
  /// The user's name, or flatc's without the namespace.
  static constexpr std::string_view short_name() {
    static_assert(!type_name<V>.empty() || !full_name().empty(),
                  "run flatc with --gen-name-strings, or name the table by quire::type_name");
    static_assert(is_descriptor_name(type_name<V>), "letters, digits and _ . : - only");
    if constexpr (!type_name<V>.empty()) {
      return type_name<V>;
    } else {
      return full_name().substr(full_name().find_last_of('.') + 1);
    }
  }

  std::shared_ptr<const FlatbuffersSchema> schema_;
};

}  // namespace quire
