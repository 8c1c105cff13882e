// The dump: every table of a database as lines of JSON, without loss.
//
//   {"quire_dump":1,"encoding":"base64","page_size":4096,"tables":[
//     {"name":"blocks","alignment":4,"key":"u32","value":"plain(u32)","entries":2}]}
//   {"table":"blocks","key":"AAAAAQ==","value":"AQAAAA=="}
//   {"table":"blocks","key":"AAAAAg==","value":"AQAAAA=="}
//
// The first line (here on two) is the header; each other line is an entry. Names and descriptors
// that are no UTF-8 are {"hex": ...}. The header counts the entries, so that a dump that was cut
// off is noticed.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/notation.hpp"
#include "tools/request.hpp"
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

std::string header_line(const DumpHeader& header);
std::string entry_line(DumpEncoding encoding, std::string_view table, quire::Bytes key,
                       quire::Bytes value);

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
  Outcome<std::optional<Json>> read_line();
  Outcome<quire::ByteString> read_bytes(const Json& entry, const char* member) const;
  Outcome<std::size_t> read_table(const Json& entry);
  [[nodiscard]] Done check_types(std::size_t table, quire::Bytes key, quire::Bytes value) const;
  [[nodiscard]] Done check_counts() const;

  std::istream* stream_;
  std::string name_;
  std::uint64_t line_ = 0;
  DumpHeader header_;
  std::map<std::string, std::size_t> table_indexes_;
  std::vector<std::pair<Notation, Notation>> notations_;  ///< of each table's keys and values
  std::vector<std::uint64_t> counts_;                     ///< entries read of each table
};

}  // namespace kvtool
