#include "tools/archive_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <map>

#include "quire/formats/utf8.hpp"

namespace kvtool::archive {

using quire::rkyv::Kind;
using quire::rkyv::Part;
using quire::rkyv::Type;
using quire::rkyv::Variant;

namespace {

std::string digits_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::optional<WideNumber> number_of(const Type& type, const Json& value) {
  return from_digits(digits_of(value), static_cast<unsigned>(8 * type.extent.size), type.is_signed);
}

/// The bits of {"bits": "0x7fc00000"}.
std::optional<std::uint64_t> written_bits(const Type& type, const Json& value) {
  if (!value.is_object() || value.size() != 1 || !value.contains("bits")) return {};
  const auto text = digits_of(value["bits"]);
  if (!text.starts_with("0x") || text.size() != 2 + 2 * type.extent.size) return {};
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return bits;
}

bool is_text(const Json& value) {
  return value.is_string() &&
         value.get_ref<const std::string&>().size() <= quire::rkyv::max_text_size &&
         quire::is_utf8(quire::as_bytes(value.get_ref<const std::string&>()));
}

/// A part, or null when there is none.
const Json* find_part(const std::vector<Part>& parts, const Part& part, const Json& value) {
  const auto index = static_cast<std::size_t>(&part - parts.data());
  if (value.size() != parts.size()) return nullptr;
  if (value.is_array() && part.name == std::to_string(index)) return &value[index];
  return value.is_object() && value.contains(part.name) ? &value[part.name] : nullptr;
}

/// A variant, or none when the JSON names none.
std::optional<Chosen> find_variant(const Type& type, const Json& value) {
  static const Json none = Json::array();
  if (type.word == "option") {
    if (value.is_null()) return Chosen{&type.variants.front(), &none};
    const Variant& some = type.variants.back();
    if (!may_be_null(*some.parts.front().type)) return Chosen{&some, &value};
    if (!value.is_object() || value.size() != 1 || !value.contains("some")) return {};
    return Chosen{&some, &value["some"]};
  }
  const bool has_fields = value.is_object() && value.size() == 1;
  if (!has_fields && !value.is_string()) return {};
  const std::string name = has_fields ? value.begin().key() : value.get<std::string>();
  for (const Variant& variant : type.variants)
    if (variant.name == name && variant.parts.empty() != has_fields)
      return Chosen{&variant, has_fields ? &*value.begin() : &none};
  return {};
}

/// Looks through a value as a writer will.
class Fitting {
 public:
  using Misfit = std::optional<std::string>;

  Misfit value(const Type& type, const Json& value) {
    switch (type.kind) {
      case Kind::integer: return demand(is_integer(type, value), type, value);
      case Kind::floating:
        return demand(value.is_number() || written_bits(type, value), type, value);
      case Kind::boolean: return demand(value.is_boolean(), type, value);
      case Kind::character: return demand(is_character(value), type, value);
      case Kind::string:
      case Kind::text: return demand(is_text(value), type, value);
      case Kind::c_string: return demand(is_c_string(value), type, value);
      case Kind::duration:
      case Kind::structure: return parts(type.parts, value);
      case Kind::enumeration: return enumeration(type, value);
      case Kind::array:
        if (!value.is_array() || value.size() != type.count) return complain(type, value);
        return elements(*type.element, value, type);
      case Kind::vector:
      case Kind::slice:
      case Kind::hash_set:
      case Kind::tree_set: return elements(*type.element, value, type);
      case Kind::hash_map:
      case Kind::tree_map: return entries(type, value);
      case Kind::pointer: return this->value(*type.element, value);
      case Kind::weak: return value.is_null() ? Misfit() : shared(type, value);
      case Kind::shared: return shared(type, value);
      case Kind::niche_boolean: return demand(value.is_null() || value.is_boolean(), type, value);
      default: return value.is_null() ? Misfit() : this->value(*type.element, value);
    }
  }

 private:
  static Misfit complain(const Type& type, const Json& value) {
    return fmt::format("{} is no {}", to_text(value).substr(0, 80),
                       type.name.empty() ? type.word : type.name);
  }
  static Misfit demand(bool holds, const Type& type, const Json& value) {
    return holds ? Misfit() : complain(type, value);
  }
  static bool is_integer(const Type& type, const Json& value) {
    const auto number = number_of(type, value);
    return number && (!type.is_nonzero || *number != 0);
  }
  static bool is_character(const Json& value) {
    return value.is_string() && character_of(value.get_ref<const std::string&>());
  }
  static bool is_c_string(const Json& value) {
    if (!value.is_array()) return false;
    return std::all_of(value.begin(), value.end(), [](const Json& byte) {
      return byte.is_number_unsigned() && byte != 0U && byte <= 255U;
    });
  }
  Misfit parts(const std::vector<Part>& parts, const Json& value) {
    for (const Part& part : parts) {
      const Json* const found = find_part(parts, part, value);
      if (found == nullptr)
        return fmt::format("{} has no field {}, or others", to_text(value).substr(0, 80),
                           part.name);
      if (auto wrong = this->value(*part.type, *found)) return wrong;
    }
    return {};
  }
  Misfit enumeration(const Type& type, const Json& value) {
    const auto chosen = find_variant(type, value);
    if (!chosen) return complain(type, value);
    const std::vector<Part>& its_parts = chosen->variant->parts;
    if (type.word != "option") return parts(its_parts, *chosen->fields);
    return its_parts.empty() ? Misfit() : this->value(*its_parts.front().type, *chosen->fields);
  }
  Misfit elements(const Type& element, const Json& values, const Type& type) {
    if (!values.is_array()) return complain(type, values);
    for (const Json& each : values)
      if (auto wrong = value(element, each)) return wrong;
    return {};
  }
  Misfit entries(const Type& type, const Json& values) {
    if (!values.is_array()) return complain(type, values);
    for (const Json& entry : values) {
      if (!entry.is_array() || entry.size() != 2)
        return fmt::format("{} is no [key, value]", to_text(entry).substr(0, 80));
      if (auto wrong = value(*type.element, entry[0])) return wrong;
      if (auto wrong = value(*type.value, entry[1])) return wrong;
    }
    return {};
  }
  /// Shown where it comes first, and of one type.
  Misfit shared(const Type& type, const Json& value) {
    if (!value.is_object() || !value.contains("shared") || !value["shared"].is_number_unsigned())
      return complain(type, value);
    const auto [seen, is_new] =
        shared_.try_emplace(value["shared"].get<std::uint64_t>(), type.element);
    if (!is_new) return demand(seen->second == type.element && value.size() == 1, type, value);
    if (!value.contains("value")) return complain(type, value);
    return this->value(*type.element, value["value"]);
  }

  std::map<std::uint64_t, const Type*> shared_;
};

}  // namespace

std::optional<std::string> misfit(const Type& type, const Json& value) {
  return Fitting().value(type, value);
}

bool may_be_null(const Type& type) {
  return type.word == "option" || type.word == "niche" || type.kind == Kind::niche_nan ||
         type.kind == Kind::niche_boolean || type.kind == Kind::weak ||
         (type.kind == Kind::pointer && may_be_null(*type.element));
}

Chosen chosen_variant(const Type& type, const Json& value) { return *find_variant(type, value); }

const Json& part_of(const std::vector<Part>& parts, const Part& part, const Json& value) {
  return *find_part(parts, part, value);
}

WideNumber integer_bits(const Type& type, const Json& value) {
  const auto bits = static_cast<unsigned>(8 * type.extent.size);
  const WideNumber number = number_of(type, value).value_or(0);
  return bits == 128 ? number : number & ((WideNumber{1} << bits) - 1);
}

WideNumber float_bits(const Type& type, const Json& value) {
  if (const auto bits = written_bits(type, value)) return *bits;
  const auto number = value.get<double>();
  if (type.extent.size == 4) return std::bit_cast<std::uint32_t>(static_cast<float>(number));
  return std::bit_cast<std::uint64_t>(number);
}

quire::ByteString text_with_zero(const Json& value) {
  quire::ByteString bytes;
  for (const Json& byte : value) bytes.push_back(static_cast<std::byte>(byte.get<unsigned>()));
  bytes.push_back(std::byte());
  return bytes;
}

}  // namespace kvtool::archive
