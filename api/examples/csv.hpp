// A reader of comma-separated values as RFC 4180 writes them: fields may stand in quotes, and then
// hold commas, line ends and doubled quotes.
#pragma once

#include <quire/quire.hpp>

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <utility>
#include <vector>

namespace csv {

using Row = std::vector<std::string>;

/// Reads one row after another. Needs an input that outlives it, opened as binary.
class Reader {
 public:
  explicit Reader(std::istream& input) : input_(input) {}

  /// Puts the next row's fields into row; false at the end of the input. Lines may end in CRLF or
  /// LF. invalid_argument, with the line: quotes that do not match.
  quire::Result<bool> next(Row& row);

 private:
  enum class FieldEnd : std::uint8_t { comma, line };
  quire::Result<FieldEnd> read_field(std::string& field);
  quire::Status read_quoted(std::string& field);
  quire::Failure complain(const char* reason) const;
  [[nodiscard]] bool is_at_end() { return input_.peek() == std::istream::traits_type::eof(); }

  std::istream& input_;
  std::size_t line_ = 1;
};

}  // namespace csv
