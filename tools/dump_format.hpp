// The dump: every table of a database as lines of JSON, without loss.
//
//   {"quire_dump":1,"encoding":"typed","page_size":4096,"tables":[
//     {"name":"blocks","alignment":4,"key":"u32","value":"plain(u32)","entries":2}]}
//   {"table":"blocks","key":1,"value":256}
//   {"table":"blocks","key":2,"value":{"hex":"ff","is_value":false}}
//
// The first line (here on two) is the header; each other line is an entry. Names and descriptors
// that are no UTF-8 are {"hex": ...}. The header counts the entries, so that a dump that was cut
// off is noticed. The encoding says how keys and values are written: see dump_value.hpp.
//
// As one JSON document a dump is an array of the same lines, with brackets on lines of their own
// and a comma at the end of each line but the last.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/quire.hpp"
#include "tools/dump_value.hpp"
#include "tools/json.hpp"
#include "tools/output.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

inline constexpr int dump_version = 1;

struct DumpedTable {
  std::string name;
  quire::TableSpec spec;
  std::uint64_t entries = 0;
};

struct DumpHeader {
  DumpEncoding encoding = DumpEncoding::base64;
  std::uint32_t page_size = 0;
  std::vector<DumpedTable> tables;
};

struct DumpedEntry {
  std::size_t table = 0;  ///< index in the header's tables
  quire::ByteString key;
  quire::ByteString value;
};

/// How the keys and the values of a table are dumped.
struct DumpedForms {
  DumpedForms(DumpEncoding encoding, const quire::TableSpec& spec)
      : key(encoding, Side::key, spec.key_descriptor),
        value(encoding, Side::value, spec.value_descriptor) {}

  DumpedForm key;
  DumpedForm value;
};

/// Writes a dump: begin, each table with its entries, finish. Not thread-safe.
class DumpWriter {
 public:
  /// json or ndjson.
  DumpWriter(std::ostream& stream, Format format) : lines_(stream, format), stream_(&stream) {}

  void begin(const DumpHeader& header);
  void begin_table(const DumpedTable& table);
  /// Of the table that was begun last. False when the stream takes no more.
  [[nodiscard]] bool add(quire::Bytes key, quire::Bytes value);
  void finish() { lines_.finish(); }

 private:
  LineWriter lines_;
  std::ostream* stream_;
  DumpEncoding encoding_ = DumpEncoding::typed;
  std::string table_;  ///< its name as JSON
  std::optional<DumpedForms> forms_;
};

/// Reads a dump and finds what is wrong with it; each complaint names the line. Not thread-safe.
class DumpReader {
 public:
  /// The stream stays the caller's; name is what messages call it.
  DumpReader(std::istream& stream, std::string name);

  /// To be called first.
  Outcome<DumpHeader> read_header();

  /// Nothing at the end, once all the entries were there that the header counts.
  Outcome<std::optional<DumpedEntry>> next();

  /// A failure that says which line it is about: the one read last.
  [[nodiscard]] Failure complain(ExitStatus status, std::string_view what) const;

 private:
  /// Nothing at the end of the stream.
  Outcome<std::optional<std::string>> read_text();
  /// Nothing at the end of the dump.
  Outcome<std::optional<Json>> read_line();
  /// Behind a document's last bracket.
  Outcome<std::optional<Json>> read_end();
  Outcome<quire::ByteString> read_bytes(const Json& entry, std::size_t table, Side side) const;
  Outcome<std::size_t> read_table(const Json& entry);
  [[nodiscard]] Done check_counts() const;

  std::istream* stream_;
  std::string name_;
  std::uint64_t line_ = 0;
  bool is_document_ = false;  ///< one JSON array
  DumpHeader header_;
  std::map<std::string, std::size_t> table_indexes_;
  std::vector<DumpedForms> forms_;     ///< of each table
  std::vector<std::uint64_t> counts_;  ///< entries read of each table
};

}  // namespace kvtool
