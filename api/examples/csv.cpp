#include "csv.hpp"

namespace csv {

quire::Result<bool> Reader::next(Row& row) {
  row.clear();
  if (is_at_end()) return false;
  for (;;) {
    auto ended = read_field(row.emplace_back());
    if (!ended) return fail(ended);
    if (*ended == FieldEnd::line) return true;
  }
}

quire::Result<Reader::FieldEnd> Reader::read_field(std::string& field) {
  const bool is_quoted = input_.peek() == '"';
  if (is_quoted) {
    if (auto read = read_quoted(field); !read) return fail(read);
  }
  char character = '\n';
  while (input_.get(character)) {
    if (character == ',') return FieldEnd::comma;
    if (character == '\r' && input_.peek() == '\n') continue;
    if (character == '\n') break;
    if (is_quoted) return complain("text after a closing quote");
    if (character == '"') return complain("a quote inside a field that does not begin with one");
    field += character;
  }
  ++line_;
  return FieldEnd::line;
}

/// Reads from the opening quote to the closing one.
quire::Status Reader::read_quoted(std::string& field) {
  input_.ignore();
  char character = 0;
  while (input_.get(character)) {
    if (character == '"') {
      if (input_.peek() != '"') return {};
      input_.ignore();
    }
    if (character == '\n') ++line_;
    field += character;
  }
  return complain("a quote that is never closed");
}

quire::Failure Reader::complain(const char* reason) const {
  return quire::fail(quire::Error(quire::ErrorCode::invalid_argument)
                         .with_detail(std::string(reason) + " in line " + std::to_string(line_)));
}

}  // namespace csv
