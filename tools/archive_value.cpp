#include "tools/archive_value.hpp"

#include <fmt/format.h>

namespace kvtool {

using quire::rkyv::Kind;
using quire::rkyv::Part;
using quire::rkyv::Type;
using quire::rkyv::Variant;

namespace {

[[noreturn]] void refuse(const Type& type, const Json& value) {
  throw BadValue(fmt::format("{} is no {}", to_text(value).substr(0, 80),
                             type.name.empty() ? type.word : type.name));
}

std::string digits_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_text(value);
}

}  // namespace

bool may_be_null(const Type& type) {
  return type.word == "option" || type.word == "niche" || type.kind == Kind::niche_nan ||
         type.kind == Kind::niche_boolean || type.kind == Kind::weak ||
         (type.kind == Kind::pointer && may_be_null(*type.element));
}

WideNumber integer_bits(const Type& type, const Json& value) {
  const auto bits = static_cast<unsigned>(8 * type.extent.size);
  const auto number = from_digits(digits_of(value), bits, type.is_signed);
  if (!number) refuse(type, value);
  return bits == 128 ? *number : *number & ((WideNumber{1} << bits) - 1);
}

Chosen chosen_variant(const Type& type, const Json& value) {
  static const Json none = Json::array();
  if (type.word == "option") {
    if (value.is_null()) return {&type.variants.front(), none};
    const bool is_wrapped = may_be_null(*type.variants.back().parts.front().type);
    if (!is_wrapped) return {&type.variants.back(), value};
    if (!value.is_object() || !value.contains("some")) refuse(type, value);
    return {&type.variants.back(), value["some"]};
  }
  const bool has_fields = value.is_object() && value.size() == 1;
  if (!has_fields && !value.is_string()) refuse(type, value);
  const std::string name = has_fields ? value.begin().key() : value.get<std::string>();
  for (const Variant& variant : type.variants)
    if (variant.name == name && variant.parts.empty() != has_fields)
      return {&variant, has_fields ? *value.begin() : none};
  refuse(type, value);
}

const Json& part_of(const std::vector<Part>& parts, const Part& part, const Json& value) {
  const auto index = static_cast<std::size_t>(&part - parts.data());
  if (value.is_array() && value.size() == parts.size() && part.name == std::to_string(index))
    return value[index];
  if (value.is_object() && value.size() == parts.size() && value.contains(part.name))
    return value[part.name];
  throw BadValue(fmt::format("{} has no field {}", to_text(value).substr(0, 80), part.name));
}

}  // namespace kvtool
