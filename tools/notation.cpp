#include "tools/notation.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/byte_text.hpp"
#include "tools/descriptor.hpp"
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

std::shared_ptr<const TypedCode> code_of(Side side, std::string_view descriptor_text) {
  const auto descriptor = parse_descriptor(descriptor_text);
  return descriptor ? code_of(side, *descriptor) : nullptr;
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
      code_(code_of(side_, descriptor_text_)) {}

Outcome<Notation> Notation::make(NotationKind kind, Side side, std::string descriptor) {
  Notation notation(kind, side, std::move(descriptor));
  if (kind != NotationKind::typed || notation.code_) return notation;
  return trouble(
      ExitStatus::usage,
      fmt::format("no typed form is known of this table's {}s, which are {}: use "
                  "--{}-format auto, utf8, hex or base64",
                  side_name(side), brief_descriptor(notation.descriptor_text_), side_name(side)));
}

bool Notation::is_typed() const {
  return code_ && (kind_ == NotationKind::automatic || kind_ == NotationKind::typed ||
                   kind_ == NotationKind::redacted);
}

Json Notation::redact(Bytes stored) const {
  const std::string_view type = std::string_view(descriptor_text_);
  return fmt::format("<redacted {}, {} bytes>", printable(type.substr(0, type.find('('))),
                     stored.size());
}

Json Notation::show(Bytes stored) const {
  if (is_redacted()) return redact(stored);
  if (is_typed()) {
    auto typed = code_->decode(stored);
    return typed ? std::move(*typed) : hex_object(stored);
  }
  switch (kind_) {
    case NotationKind::utf8: return show_utf8(stored);
    case NotationKind::hex: return to_hex(stored);
    case NotationKind::base64: return to_base64(stored);
    case NotationKind::automatic:
    case NotationKind::typed:
    case NotationKind::redacted: break;
  }
  return "0x" + to_hex(stored);
}

Outcome<ByteString> Notation::read(std::string_view text) const {
  if (is_typed()) {
    const auto typed = code_->parse(text);
    return typed ? code_->encode(*typed) : pass_on(typed);
  }
  switch (kind_) {
    case NotationKind::utf8: return copy_of(quire::as_bytes(text));
    case NotationKind::base64: return or_trouble(from_base64(text), text, "base64");
    case NotationKind::automatic:
    case NotationKind::typed:
    case NotationKind::redacted:
    case NotationKind::hex: break;
  }
  return or_trouble(
      from_hex(text), text,
      fmt::format("row of hexadecimal digit pairs, which {}s of type {} are written "
                  "in: for text give --{}-format utf8",
                  side_name(side_), brief_descriptor(descriptor_text_), side_name(side_)));
}

Outcome<ByteString> Notation::read_prefix(std::string_view text) const {
  return is_typed() ? code_->encode_prefix(text) : read(text);
}

Outcome<ByteString> Notation::read_file_content(std::string_view content) const {
  const bool has_no_form =
      !code_ && (kind_ == NotationKind::automatic || kind_ == NotationKind::redacted);
  if (kind_ == NotationKind::utf8 || has_no_form) return copy_of(quire::as_bytes(content));
  if (const auto typed = is_typed() ? code_->take_file(quire::as_bytes(content)) : std::nullopt)
    return code_->encode(*typed);
  return read(without_line_end(content));
}

Done Notation::check(Bytes stored) const {
  const bool is_right =
      code_ ? code_->takes(stored)
            : stored.size() == struct_size(descriptor_text_).value_or(stored.size());
  if (is_right) return {};
  return trouble(ExitStatus::usage,
                 fmt::format("the {}s of this table are {}, and this one, of {} bytes, is none",
                             side_name(side_), brief_descriptor(descriptor_text_), stored.size()));
}

}  // namespace kvtool
