#include "archives/manifest.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "archives/rust_type.hpp"
#include "tools/archive_value.hpp"

namespace quire::test {
namespace {

using kvtool::Json;
using rkyv::Kind;
using rkyv::Part;
using rkyv::Type;

std::filesystem::path vectors_folder() {
  if (const char* const named = std::getenv("QUIRE_ARCHIVE_VECTORS")) return named;
  const char* const source = std::getenv("QUIRE_SOURCE");
  return std::filesystem::path(source == nullptr ? "." : source) / "tests/archives/vectors";
}

Json floating(const Type& type, const Json& value) {
  const auto text = value["bits"].get<std::string>();
  std::uint64_t bits = 0;
  std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  const double number = type.extent.size == 4
                            ? std::bit_cast<float>(static_cast<std::uint32_t>(bits))
                            : std::bit_cast<double>(bits);
  return std::isfinite(number) ? Json(number) : Json{{"bits", text}};
}

Json integer(const Type& type, const Json& value) {
  if (!value.is_string() || type.extent.size == 16) return value;
  const auto text = value.get<std::string>();
  return type.is_signed ? Json(std::stoll(text)) : Json(std::stoull(text));
}

Json list(const Type& element, const Json& value) {
  Json all = Json::array();
  for (const Json& each : value) all.push_back(as_shown(element, each));
  return all;
}

Json fields(const std::vector<Part>& parts, const Json& value) {
  if (parts.empty()) return Json::object();
  Json all = value.is_array() ? Json::array() : Json::object();
  for (const Part& part : parts) {
    const auto index = static_cast<std::size_t>(&part - parts.data());
    if (value.is_array())
      all.push_back(as_shown(*part.type, value[index]));
    else
      all[part.name] = as_shown(*part.type, value[part.name]);
  }
  return all;
}

Json option(const Type& some, const Json& value) {
  if (value.is_null()) return {};
  Json inner = as_shown(some, value["some"]);
  return kvtool::archive::may_be_null(some) ? Json{{"some", std::move(inner)}} : inner;
}

Json enumeration(const Type& type, const Json& value) {
  if (type.word == "option") return option(*type.variants.back().parts.front().type, value);
  if (type.word == "result") {
    const bool is_ok = value.contains("ok");
    const rkyv::Variant& variant = type.variants[is_ok ? 0 : 1];
    Json inner = as_shown(*variant.parts.front().type, value[is_ok ? "ok" : "err"]);
    return {{variant.name, Json::array({std::move(inner)})}};
  }
  for (const rkyv::Variant& variant : type.variants) {
    if (value["variant"].get<std::string>() != variant.name) continue;
    if (variant.parts.empty()) return variant.name;
    return {{variant.name, fields(variant.parts, value["value"])}};
  }
  throw std::runtime_error("an unknown variant");
}

Json map(const Type& type, const Json& value) {
  Json all = Json::array();
  for (const Json& entry : value)
    all.push_back(
        Json::array({as_shown(*type.element, entry[0]), as_shown(*type.value, entry[1])}));
  return all;
}

Json pointee(const Type& type, const Json& value) {
  if (type.kind == Kind::slice) return list(*type.element, value);
  return type.kind == Kind::text ? value : as_shown(type, value);
}

Json shared(const Type& type, const Json& value) {
  if (value.is_null()) return {};
  Json shown = {{"shared", value["shared"]}};
  if (value.contains("value")) shown["value"] = pointee(*type.element, value["value"]);
  return shown;
}

}  // namespace

Json as_shown(const Type& type, const Json& value) {
  switch (type.kind) {
    case Kind::integer: return integer(type, value);
    case Kind::floating: return floating(type, value);
    case Kind::duration:
    case Kind::structure: return fields(type.parts, value);
    case Kind::enumeration: return enumeration(type, value);
    case Kind::array:
    case Kind::vector:
    case Kind::hash_set:
    case Kind::tree_set: return list(*type.element, value);
    case Kind::hash_map:
    case Kind::tree_map: return map(type, value);
    case Kind::pointer: return pointee(*type.element, value);
    case Kind::shared:
    case Kind::weak: return shared(type, value);
    case Kind::niche_pointer:
      return value.is_null() ? Json() : pointee(*type.element->element, value["some"]);
    case Kind::niche_integer:
    case Kind::niche_nan: return value.is_null() ? Json() : as_shown(*type.element, value["some"]);
    case Kind::niche_boolean: return value.is_null() ? Json() : value["some"];
    default: return value;
  }
}

Manifest::Manifest() : folder_(vectors_folder()) {
  std::ifstream in(folder_ / "manifest.json");
  if (!in) throw std::runtime_error("no manifest in " + folder_.string());
  json_ = Json::parse(in);
}

std::vector<std::byte> Manifest::file(const std::string& name) const {
  std::ifstream in(folder_ / name, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(in)), {});
  const Bytes bytes = as_bytes(content);
  return {bytes.begin(), bytes.end()};
}

std::shared_ptr<const rkyv::Schema> Manifest::schema(const std::string& rust_type) const {
  return rkyv::Schema::parse(description_of(rust_type, json_["types"])).value();
}

const Manifest& manifest() {
  static const Manifest one;
  return one;
}

std::string letters_of(const Json& json) {
  std::string text = kvtool::to_text(json);
  std::sort(text.begin(), text.end());
  return text;
}

}  // namespace quire::test
