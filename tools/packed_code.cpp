#include "tools/packed_code.hpp"

#include <utility>

#include "quire/formats/compressed.hpp"
#include "tools/byte_text.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace {

/// What quire's format does unless it is told otherwise.
const quire::Compressed<quire::RawFormat> usual;

/// As large as any type asks for.
constexpr std::size_t alignment_of_unpacked = 64;

class PackedCode : public TypedCode {
 public:
  /// Without an inner code: of bytes.
  explicit PackedCode(std::shared_ptr<const TypedCode> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    const auto value = unpack(stored);
    if (!value) return {};
    return inner_ ? inner_->decode(value->bytes()) : show_bytes(value->bytes());
  }
  [[nodiscard]] bool takes(Bytes stored) const override {
    const auto value = unpack(stored);
    return value && (!inner_ || inner_->takes(value->bytes()));
  }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    auto value = encode_inner(typed);
    if (!value) return value;
    if (value->size() > usual.size_limit)
      return trouble(ExitStatus::usage, "the value is too large to be compressed");
    return copy_of(quire::detail::pack(*value, usual.level).bytes());
  }
  [[nodiscard]] Outcome<Json> parse(std::string_view text) const override {
    return inner_ ? inner_->parse(text) : Json(text);
  }
  [[nodiscard]] std::optional<Json> take_file(Bytes content) const override {
    return inner_ ? inner_->take_file(content) : show_bytes(content);
  }

 private:
  static quire::Result<quire::HeapBytes> unpack(Bytes stored) {
    return quire::detail::unpack(stored, alignment_of_unpacked, usual.size_limit);
  }
  [[nodiscard]] Outcome<ByteString> encode_inner(const Json& typed) const {
    if (inner_) return inner_->encode(typed);
    const Descriptor bytes{.word = "bytes", .arguments = {}};
    auto content = content_of(bytes, typed);
    if (!content) return no_such(bytes, typed);
    return std::move(*content);
  }

  std::shared_ptr<const TypedCode> inner_;
};

}  // namespace

std::shared_ptr<const TypedCode> packed_code_of(const Descriptor& descriptor) {
  if (descriptor.arguments.size() != 1) return nullptr;
  const Descriptor& inner = descriptor.arguments.front();
  // Each of them takes memory for a value more, and no program packs twice.
  if (inner.word == descriptor.word) return nullptr;
  return std::make_shared<PackedCode>(code_of(Side::value, inner));
}

}  // namespace kvtool
