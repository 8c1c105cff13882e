#include "tools/dump_value.hpp"

#include <utility>

#include "tools/byte_text.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

constexpr const char* bytes_member = "hex";
constexpr const char* value_member = "is_value";

bool stands_for_bytes(const Json& json) { return json.is_object() && json.contains(bytes_member); }

Json bytes_object(Bytes bytes, bool is_value) {
  Json object{{bytes_member, to_hex(bytes)}};
  if (!is_value) object[value_member] = false;
  return object;
}

/// The bytes of such an object; nothing when it is not as this writes them.
std::optional<ByteString> bytes_in(const Json& object) {
  const Json& digits = object[bytes_member];
  const bool has_mark = object.contains(value_member);
  if (has_mark && object[value_member] != false) return {};
  if (object.size() != (has_mark ? 2U : 1U) || !digits.is_string()) return {};
  return from_hex(digits.get_ref<const std::string&>());
}

std::optional<ByteString> decoded(DumpEncoding encoding, const Json& text) {
  if (!text.is_string()) return {};
  const auto& digits = text.get_ref<const std::string&>();
  return encoding == DumpEncoding::hex ? from_hex(digits) : from_base64(digits);
}

}  // namespace

std::string_view name_of(DumpEncoding encoding) {
  switch (encoding) {
    case DumpEncoding::typed: return "typed";
    case DumpEncoding::hex: return "hex";
    case DumpEncoding::base64: break;
  }
  return "base64";
}

DumpedForm::DumpedForm(DumpEncoding encoding, Side side, std::string descriptor)
    : encoding_(encoding), notation_(side, std::move(descriptor)) {}

std::string DumpedForm::write(Bytes stored) const {
  if (encoding_ == DumpEncoding::typed) {
    if (const auto json = typed(stored)) return to_text(*json);
    return to_text(bytes_object(stored, notation_.check(stored).has_value()));
  }
  if (!notation_.check(stored)) return to_text(bytes_object(stored, false));
  return '"' + (encoding_ == DumpEncoding::hex ? to_hex(stored) : to_base64(stored)) + '"';
}

std::optional<Json> DumpedForm::typed(Bytes stored) const {
  if (notation_.code() == nullptr) return {};
  auto json = notation_.code()->decode(stored);
  if (!json || stands_for_bytes(*json)) return {};
  const auto again = notation_.code()->encode(*json);
  if (!again || !quire::equal(*again, stored)) return {};
  return json;
}

Outcome<ByteString> DumpedForm::read(const Json& dumped) const {
  if (stands_for_bytes(dumped)) {
    auto bytes = bytes_in(dumped);
    if (bytes && dumped.contains(value_member)) return *std::move(bytes);
    return checked(std::move(bytes));
  }
  if (encoding_ != DumpEncoding::typed) return checked(decoded(encoding_, dumped));
  if (notation_.code() != nullptr) return notation_.code()->encode(dumped);
  return checked({});
}

Outcome<ByteString> DumpedForm::checked(std::optional<ByteString> bytes) const {
  if (!bytes) {
    const bool is_typed = encoding_ == DumpEncoding::typed;
    return trouble(
        ExitStatus::usage,
        std::string("it is no ").append(is_typed ? "{\"hex\": ...}" : name_of(encoding_)));
  }
  if (auto right = notation_.check(*bytes); !right) return pass_on(right);
  return *std::move(bytes);
}

}  // namespace kvtool
