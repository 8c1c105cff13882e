// An example: the blocks of network addresses that the IEEE has given to companies, from its list
// (oui.csv) into two tables, and what can be asked of them then.
//
//   companies OUI_CSV DATABASE
#include <quire/quire.hpp>

#include <charconv>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include "company.hpp"
#include "csv.hpp"

namespace {

using Block = std::uint32_t;  // the first 24 bits of an address
using Blocks = quire::Table<Block, Company>;
using Companies = quire::Table<std::tuple<std::string, Block>, quire::Empty>;  // a set of keys

struct ImportCounts {
  std::uint64_t rows = 0, new_blocks = 0, characters_left_out = 0;
};

std::optional<Block> read_block(std::string_view digits) {
  Block block = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, block, 16);
  if (digits.size() != 6 || stop != end || error != std::errc{}) return {};
  return block;
}

std::string show(Block block) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (int shift = 20; shift >= 0; shift -= 4) text += digits[block >> shift & 0xF];
  return text;
}

/// Every row of the file becomes an entry of both tables; all of them are one commit. A block that
/// is listed several times keeps its first company in `blocks`; `companies` has them all.
quire::Result<ImportCounts> import(std::istream& file, quire::StorageTransaction& txn,
                                   const Blocks& blocks_table, const Companies& companies_table) {
  auto blocks = txn.table(blocks_table);
  auto companies = txn.table(companies_table);
  ImportCounts counts;
  csv::Reader reader(file);
  csv::Row row;  // Registry, Assignment, Organization Name, Organization Address
  if (auto has_heading = reader.next(row); !has_heading) return fail(has_heading);
  for (;;) {
    auto has_row = reader.next(row);
    if (!has_row) return fail(has_row);
    if (!*has_row) return counts;
    const auto block = row.size() == 4 ? read_block(row[1]) : std::nullopt;
    if (!block) {
      return quire::fail(quire::Error(quire::ErrorCode::invalid_argument)
                             .with_detail("not a row of oui.csv: " + row.front()));
    }
    Company company;
    counts.characters_left_out += assign(company.name, row[2]) + assign(company.address, row[3]);
    auto is_new = blocks.insert_if_absent(*block, company);
    if (!is_new) return fail(is_new);
    if (auto stored = companies.put({row[2], *block}, {}); !stored) return fail(stored);
    if (*is_new) ++counts.new_blocks;
    ++counts.rows;
  }
}

void import_file(std::istream& file, quire::Storage& storage, const Blocks& blocks,
                 const Companies& companies) {
  auto txn = storage.begin_write().value();
  const auto counts = import(file, txn, blocks, companies).value();
  const auto receipt = std::move(txn).commit().value();
  std::cout << "imported in one transaction: " << counts.rows << " rows, " << counts.new_blocks
            << " new blocks, " << counts.rows - counts.new_blocks << " of blocks there already\n"
            << "  characters that found no room: " << counts.characters_left_out << '\n'
            << "  pages written: " << receipt.pages_written
            << (receipt.is_durable ? ", on disk\n" : ", not on disk yet\n");
}

/// Point reads: what get() gives is a guard; the company is read where it lies in the file.
void look_up(const Blocks& blocks, const Companies& companies) {
  for (const auto& [key, empty] : companies.prefix("Apple, Inc.") | std::views::take(1)) {
    const Block block = std::get<Block>(key);
    if (auto company = blocks.get(block).value()) {
      std::cout << "the first block of " << text_of((*company)->name) << " is " << show(block)
                << ", at " << text_of((*company)->address) << '\n';
    }
  }
  std::cout << "block FFFFFF is " << (blocks.contains(0xFFFFFF).value() ? "" : "not ") << "there\n";
}

/// A guard keeps what it shows, whatever else is gone.
auto first_company(const std::string& path) {
  auto storage = quire::StorageBuilder(path).with_access(quire::Access::read_only).build().value();
  auto blocks = storage.open_table<Block, Company>("blocks").build().value();
  return blocks.first().value().value().value;
}

/// A filtered stream, as one expression.
std::uint64_t list_raspberries(const Blocks& blocks) {
  const auto found = blocks.with_stream([](auto stream) {
    return stream | std::views::filter([](const auto& entry) {
             return text_of(entry.value->name).contains("Raspberry");
           }) |
           std::views::transform([](const auto& entry) { return entry.key; }) |
           quire::to<std::vector>();
  });
  std::cout << "blocks of companies with Raspberry in their name:";
  for (const Block block : found) std::cout << ' ' << show(block);
  std::cout << '\n';
  return found.size();
}

/// A prefix range over names: only entries that begin like that are read.
std::uint64_t count_beginning_with(const Companies& companies, std::string_view start) {
  std::uint64_t count = 0;
  for (const auto& entry : companies.prefix(quire::starts_with(start))) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

/// Keys come in order, so equal names come together.
std::uint64_t count_names(const Companies& companies) {
  std::uint64_t count = 0;
  std::string last;
  companies.range()
      .for_each([&](const auto& entry) {
        const std::string& name = std::get<std::string>(entry.key);
        if (count == 0 || name != last) ++count;
        last = name;
      })
      .value();
  return count;
}

void run(std::istream& file, const std::string& csv_path, const std::string& path) {
  {
    auto storage = quire::StorageBuilder(path).build().value();
    auto blocks = storage.new_table<Block, Company>("blocks").build().value();
    auto companies = storage.new_table<std::tuple<std::string, Block>, quire::Empty>("companies")
                         .build()
                         .value();
    import_file(file, storage, blocks, companies);
    look_up(blocks, companies);
    const std::uint64_t raspberries = list_raspberries(blocks);
    std::cout << "rows " << companies.size().value() << ", blocks " << blocks.size().value()
              << ", names " << count_names(companies) << ", blocks of names that begin with Apple "
              << count_beginning_with(companies, "Apple") << ", with Raspberry in them "
              << raspberries << '\n';
  }
  const auto company = first_company(path);
  std::cout << "read through a guard after its storage was closed: " << text_of(company->name)
            << '\n'
            << "the same counts from the list itself:\n"
            << "  python3 -c 'import csv, sys; r = list(csv.reader(open(sys.argv[1], newline=\"\", "
               "encoding=\"utf-8\")))"
               "[1:]; n = [x[2] for x in r]; print(len(r), len({x[1] for x in r}), len(set(n)), "
               "sum(x.startswith(\"Apple\") for x in n), sum(\"Raspberry\" in x for x in n))' "
            << csv_path << '\n';
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    std::cerr << "usage: companies OUI_CSV DATABASE\n";
    return 2;
  }
  std::ifstream file(arguments[1], std::ios::binary);
  if (!file) {
    std::cerr << "companies: cannot read " << arguments[1] << '\n';
    return 1;
  }
  try {
    run(file, arguments[1], arguments[2]);
  } catch (const std::exception& failure) {
    std::cerr << "companies: " << failure.what() << '\n';
    return 1;
  }
}
