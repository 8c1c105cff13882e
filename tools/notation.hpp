// Notations: how the keys or the values of one table are written for people and read from them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
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
};

/// Thread-safe.
class Notation {
 public:
  /// For one side of a table that has this descriptor. Asking for typed where the descriptor does
  /// not say how is a usage error.
  static Outcome<Notation> make(NotationKind kind, Side side, std::string descriptor);

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

  /// The value of a table that has keys alone needs not be said.
  [[nodiscard]] bool is_empty() const { return descriptor_text_ == "empty"; }

 private:
  Notation(NotationKind kind, Side side, std::string descriptor);

  [[nodiscard]] bool is_typed() const;

  NotationKind kind_;
  Side side_;
  std::string descriptor_text_;
  std::optional<Descriptor> descriptor_;  ///< none: there is no code for it
};

}  // namespace kvtool
