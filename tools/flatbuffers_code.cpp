#include "tools/flatbuffers_code.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/flatbuffers_json.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

class FlatbuffersCode : public TypedCode {
 public:
  explicit FlatbuffersCode(std::shared_ptr<const flat::Schema> schema)
      : schema_(std::move(schema)) {}

  [[nodiscard]] std::optional<Json> decode(quire::Bytes stored) const override {
    return read_flatbuffer(*schema_, stored);
  }
  [[nodiscard]] Outcome<quire::ByteString> encode(const Json& typed) const override {
    return write_flatbuffer(*schema_, typed);
  }
  [[nodiscard]] Outcome<Json> parse(std::string_view text) const override {
    auto json = parse_json(text);
    if (json) return *std::move(json);
    return trouble(ExitStatus::usage,
                   fmt::format("{} is no JSON: write {} as an object of its fields",
                               in_quotes(text), schema_->root().name));
  }

 private:
  std::shared_ptr<const flat::Schema> schema_;
};

}  // namespace

std::shared_ptr<const TypedCode> flatbuffers_code_of(const Descriptor& descriptor) {
  auto schema = flat::Schema::of(descriptor);
  if (!schema) return nullptr;
  return std::make_shared<FlatbuffersCode>(std::move(schema));
}

}  // namespace kvtool
