#include "tools/archive_code.hpp"

#include <utility>

#include "quire/formats/rkyv/check.hpp"
#include "tools/archive_json.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace {

class ArchiveCode : public TypedCode {
 public:
  explicit ArchiveCode(std::shared_ptr<const quire::rkyv::Schema> schema)
      : schema_(std::move(schema)) {}

  [[nodiscard]] std::optional<Json> decode(quire::Bytes stored) const override {
    if (!takes(stored)) return {};
    return read_archive(*schema_, stored);
  }
  [[nodiscard]] bool takes(quire::Bytes stored) const override {
    return quire::rkyv::check(*schema_, stored).has_value();
  }
  [[nodiscard]] Outcome<quire::ByteString> encode(const Json& typed) const override {
    return write_archive(*schema_, typed);
  }
  [[nodiscard]] Outcome<Json> parse(std::string_view text) const override {
    return json_or_text(text);
  }

 private:
  std::shared_ptr<const quire::rkyv::Schema> schema_;
};

}  // namespace

std::shared_ptr<const TypedCode> archive_code_of(const Descriptor& descriptor) {
  if (descriptor.arguments.size() != 1) return nullptr;
  auto schema = quire::rkyv::Schema::parse(text_of(descriptor.arguments.front()));
  if (!schema) return nullptr;
  return std::make_shared<ArchiveCode>(*std::move(schema));
}

}  // namespace kvtool
