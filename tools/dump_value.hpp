// Dumped values: how a dump has the keys or the values of one table.
//
// Typed, they are JSON as typed_code.hpp says, where that gives the stored bytes back, and else
// {"hex": ...}. In base64 or hex they are texts. Bytes that are no key or value of the table's type
// are {"hex": ..., "is_value": false} in all encodings.
//
// Law: read(write(stored)) gives the stored bytes. An object with a member "hex" always stands for
// bytes: typed JSON that has one is written as bytes, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/notation.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Each of them keeps every byte of any table.
enum class DumpEncoding : std::uint8_t { typed, base64, hex };

std::string_view name_of(DumpEncoding encoding);

/// Thread-safe.
class DumpedForm {
 public:
  DumpedForm(DumpEncoding encoding, Side side, std::string descriptor);

  /// As JSON text.
  [[nodiscard]] std::string write(quire::Bytes stored) const;
  /// usage: it stands for no bytes, or for some that are not of the table's type, and does not say
  /// so.
  [[nodiscard]] Outcome<quire::ByteString> read(const Json& dumped) const;

 private:
  /// Typed JSON that gives the bytes back.
  [[nodiscard]] std::optional<Json> typed(quire::Bytes stored) const;
  [[nodiscard]] Outcome<quire::ByteString> checked(std::optional<quire::ByteString> bytes) const;

  DumpEncoding encoding_;
  Notation notation_;
};

}  // namespace kvtool
