// Notations: how the keys or the values of one table are written for people and read from them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"
#include "tools/typed_code.hpp"

namespace kvtool {

enum class NotationKind : std::uint8_t {
  automatic,  ///< typed where the table's descriptor says how, else "0x" and hexadecimal digits
  typed,      ///< as the descriptor says
  utf8,       ///< the bytes as text
  hex,        ///< hexadecimal digits
  base64,
  redacted,  ///< only their type and size; what a person gives is read as by automatic
};

/// Thread-safe.
class Notation {
 public:
  /// For one side of a table that has this descriptor. Asking for typed where the descriptor does
  /// not say how is a usage error.
  static Outcome<Notation> make(NotationKind kind, Side side, std::string descriptor);

  /// The same, written by itself.
  Notation(Side side, std::string descriptor)
      : Notation(NotationKind::automatic, side, std::move(descriptor)) {}

  /// Never fails: bytes that are not what the descriptor says are shown as {"hex": ...}, and text
  /// that is no UTF-8 with U+FFFD where `utf8` was asked for.
  [[nodiscard]] Json show(quire::Bytes stored) const;

  /// The stored form of what a person wrote.
  [[nodiscard]] Outcome<quire::ByteString> read(std::string_view text) const;

  /// What the stored keys begin with that begin like this.
  [[nodiscard]] Outcome<quire::ByteString> read_prefix(std::string_view text) const;

  /// The stored form of what a file or the standard input holds: its bytes as they are for text,
  /// structs and raw bytes, else written as read() takes it, a line's end at its end apart.
  [[nodiscard]] Outcome<quire::ByteString> read_file_content(std::string_view content) const;

  /// Whether bytes may be stored in the table; a usage error that says why not.
  [[nodiscard]] Done check(quire::Bytes stored) const;

  /// Null where there is none for the descriptor.
  [[nodiscard]] const TypedCode* code() const { return code_.get(); }

  /// Whether no content may be shown.
  [[nodiscard]] bool is_redacted() const { return kind_ == NotationKind::redacted; }

  /// The value of a table that has keys alone needs not be said.
  [[nodiscard]] bool is_empty() const { return descriptor_text_ == "empty"; }

 private:
  Notation(NotationKind kind, Side side, std::string descriptor);

  [[nodiscard]] bool is_typed() const;
  [[nodiscard]] Json redact(quire::Bytes stored) const;

  NotationKind kind_;
  Side side_;
  std::string descriptor_text_;
  std::shared_ptr<const TypedCode> code_;  ///< null: there is none for the descriptor
};

}  // namespace kvtool
