#include "tools/notation.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/byte_text.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

std::string_view side_name(Side side) { return side == Side::key ? "key" : "value"; }

/// The size that plain(size=96,align=4) and plain(Company,size=96,align=4) say.
std::optional<std::size_t> struct_size(std::string_view descriptor) {
  constexpr std::string_view mark = "size=";
  const std::size_t at = descriptor.find(mark);
  if (!descriptor.starts_with("plain(") || at == std::string_view::npos) return {};
  const std::string digits(descriptor.substr(at + mark.size()));
  return static_cast<std::size_t>(std::strtoull(digits.c_str(), nullptr, 10));
}

/// A text with U+FFFD for what is no UTF-8.
Json show_utf8(Bytes stored) {
  const std::string_view text = quire::as_text(stored);
  if (is_utf8(text)) return text;
  return Json::parse(to_text(Json(text)));
}

Outcome<ByteString> or_trouble(std::optional<ByteString> bytes, std::string_view text,
                               std::string_view wanted) {
  if (bytes) return std::move(*bytes);
  return trouble(ExitStatus::usage, fmt::format("{} is no {}", in_quotes(text), wanted));
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Notation::Notation(NotationKind kind, Side side, std::string descriptor)
    : kind_(kind),
      side_(side),
      descriptor_text_(std::move(descriptor)),
      descriptor_(parse_descriptor(descriptor_text_)) {
  if (descriptor_ && !has_code(side_, *descriptor_)) descriptor_.reset();
}

Outcome<Notation> Notation::make(NotationKind kind, Side side, std::string descriptor) {
  Notation notation(kind, side, std::move(descriptor));
  if (kind != NotationKind::typed || notation.descriptor_) return notation;
  return trouble(
      ExitStatus::usage,
      fmt::format("no typed form is known of this table's {}s, which are {}: use "
                  "--{}-format auto, utf8, hex or base64",
                  side_name(side), printable(notation.descriptor_text_), side_name(side)));
}

bool Notation::is_typed() const {
  return descriptor_ && (kind_ == NotationKind::automatic || kind_ == NotationKind::typed);
}

Json Notation::show(Bytes stored) const {
  if (is_typed()) {
    auto typed = decode(side_, *descriptor_, stored);
    return typed ? std::move(*typed) : hex_object(stored);
  }
  switch (kind_) {
    case NotationKind::utf8: return show_utf8(stored);
    case NotationKind::hex: return to_hex(stored);
    case NotationKind::base64: return to_base64(stored);
    case NotationKind::automatic:
    case NotationKind::typed: break;
  }
  return "0x" + to_hex(stored);
}

Outcome<ByteString> Notation::read(std::string_view text) const {
  if (is_typed()) {
    const auto typed = parse_typed(*descriptor_, text);
    return typed ? encode(side_, *descriptor_, *typed) : pass_on(typed);
  }
  switch (kind_) {
    case NotationKind::utf8: return copy_of(quire::as_bytes(text));
    case NotationKind::base64: return or_trouble(from_base64(text), text, "base64");
    case NotationKind::automatic:
    case NotationKind::typed:
    case NotationKind::hex: break;
  }
  return or_trouble(from_hex(text), text,
                    fmt::format("row of hexadecimal digit pairs, which {}s of type {} are written "
                                "in: for text give --{}-format utf8",
                                side_name(side_), printable(descriptor_text_), side_name(side_)));
}

Outcome<ByteString> Notation::read_prefix(std::string_view text) const {
  return is_typed() ? encode_prefix(*descriptor_, text) : read(text);
}

Outcome<ByteString> Notation::read_file_content(std::string_view content) const {
  const bool is_text = descriptor_text_ == "text";
  const bool is_as_it_is =
      kind_ == NotationKind::utf8 || (kind_ == NotationKind::automatic && !descriptor_);
  if (is_as_it_is || (is_typed() && is_text)) return copy_of(quire::as_bytes(content));
  return read(without_line_end(content));
}

Done Notation::check(Bytes stored) const {
  const bool is_right =
      descriptor_ ? decode(side_, *descriptor_, stored).has_value()
                  : stored.size() == struct_size(descriptor_text_).value_or(stored.size());
  if (is_right) return {};
  return trouble(ExitStatus::usage,
                 fmt::format("the {}s of this table are {}, and this one, of {} bytes, is none",
                             side_name(side_), printable(descriptor_text_), stored.size()));
}

}  // namespace kvtool
