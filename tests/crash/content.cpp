#include "crash/content.hpp"

#include "quire/engine/base/checksum.hpp"

namespace quire::test {
namespace {

/// Everything in order, each piece behind its size.
class Digester {
 public:
  void table(std::string_view name) {
    kind('t');
    piece(as_bytes(name));
  }
  void entry(Bytes key, Bytes value) {
    kind('e');
    piece(key);
    piece(value);
  }
  [[nodiscard]] Digest finish() const { return checksum128(as_bytes(text_)); }

 private:
  void kind(char letter) { text_ += letter; }
  void piece(Bytes bytes) {
    text_ += std::to_string(bytes.size());
    text_ += ':';
    text_ += as_text(bytes);
  }

  std::string text_;
};

Status add_entries(Digester& digester, Cursor cursor) {
  Result<bool> is_there = cursor.seek_first();
  for (; is_there && *is_there; is_there = cursor.next()) {
    const Result<Value> value = cursor.value();
    if (!value) return fail(value);
    digester.entry(cursor.key(), *value);
  }
  return is_there ? Status() : fail(is_there);
}

}  // namespace

Digest digest_of(const Tables& tables) {
  Digester digester;
  for (const auto& [name, entries] : tables) {
    digester.table(name);
    for (const auto& [key, value] : entries) digester.entry(as_bytes(key), as_bytes(value));
  }
  return digester.finish();
}

Result<Digest> digest_of(const Snapshot& snapshot) {
  const Result<std::vector<TableInfo>> tables = snapshot.tables();
  if (!tables) return fail(tables);
  Digester digester;
  for (const TableInfo& table : *tables) {
    digester.table(table.name);
    if (Status done = add_entries(digester, snapshot.cursor(table.root)); !done) return fail(done);
  }
  return digester.finish();
}

std::string describe(const Tables& tables) {
  std::size_t entries = 0;
  for (const auto& [name, table] : tables) entries += table.size();
  return std::to_string(tables.size()) + " tables, " + std::to_string(entries) + " entries";
}

}  // namespace quire::test
