// The command load: brings a dump into a new or existing database.
//
// A dump in a file is read through before anything is changed, so that a bad one changes nothing.
// From the standard input that cannot be done: then a new database is removed again when the dump
// turns out bad, and for an existing one the message says how many entries have been stored.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <utility>

#include "tools/commands.hpp"
#include "tools/dump_format.hpp"
#include "tools/open.hpp"
#include "tools/progress.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

/// Entries and bytes of a transaction at most: what bounds the memory that loading takes.
constexpr std::uint64_t entries_of_transaction = 50'000;
constexpr std::uint64_t bytes_of_transaction = std::uint64_t{64} << 20;

/// Reads a dump to its end. Gives its header.
Outcome<DumpHeader> check_dump(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  DumpReader reader(file, path);
  auto header = reader.read_header();
  if (!header) return header;
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return pass_on(entry);
    if (!*entry) return header;
  }
}

Done check_same(const quire::TableInfo& stored, const DumpedTable& dumped) {
  if (stored.key_descriptor == dumped.spec.key_descriptor &&
      stored.value_descriptor == dumped.spec.value_descriptor &&
      stored.root.alignment() == dumped.spec.value_alignment) {
    return {};
  }
  return trouble(
      ExitStatus::different,
      fmt::format("table {} is there already with other types: key {}, value {}, "
                  "alignment {}; in the dump: key {}, value {}, alignment {}; load into "
                  "another database",
                  in_quotes(stored.name), brief_descriptor(stored.key_descriptor),
                  brief_descriptor(stored.value_descriptor), stored.root.alignment(),
                  brief_descriptor(dumped.spec.key_descriptor),
                  brief_descriptor(dumped.spec.value_descriptor), dumped.spec.value_alignment));
}

/// The tables of a dump in a database, and the transactions that fill them.
class Loader {
 public:
  explicit Loader(quire::Storage storage) : storage_(std::move(storage)) {}

  /// Opens the tables, and makes those that are not there, unless one is there with other types.
  Done open_tables(const DumpHeader& header) {
    const auto stored = list_tables(storage_);
    if (!stored) return pass_on(stored);
    for (const auto& info : *stored) {
      for (const auto& table : header.tables) {
        if (info.name != table.name) continue;
        if (auto checked = check_same(info, table); !checked) return checked;
      }
    }
    for (const auto& table : header.tables) {
      if (auto opened = open_table(*stored, table); !opened) return opened;
    }
    return {};
  }

  /// Stores entries until there are no more, in transactions of bounded size, and makes all of it
  /// durable.
  Done load(DumpReader& reader) {
    Progress progress("loaded");
    for (;;) {
      auto entry = reader.next();
      if (!entry) return pass_on(entry);
      if (!*entry) break;
      if (auto stored = store(**entry); !stored) {
        return reader.complain(status_of(stored.error().code()), stored.error().message());
      }
      progress.count_one();
    }
    auto ended = commit();
    if (ended) ended = storage_.sync();
    if (!ended) return trouble("cannot finish the load", ended.error());
    return {};
  }

  [[nodiscard]] std::uint64_t committed() const { return committed_; }

  /// Lets go of the file. What was not committed is forgotten.
  void close() {
    txn_.reset();
    static_cast<void>(storage_.close());
  }

 private:
  Done open_table(const std::vector<quire::TableInfo>& stored, const DumpedTable& table) {
    const bool is_there = std::any_of(stored.begin(), stored.end(),
                                      [&](const auto& info) { return info.name == table.name; });
    auto opened = is_there ? storage_.open_raw_table(table.name)
                           : storage_.create_raw_table(table.name, table.spec);
    if (!opened) return trouble("cannot make table " + in_quotes(table.name), opened.error());
    tables_.push_back(std::move(*opened));
    return {};
  }

  quire::Status store(const DumpedEntry& entry) {
    if (!txn_) {
      auto begun = storage_.begin_write();
      if (!begun) return quire::fail(begun);
      txn_ = std::move(*begun);
    }
    if (auto put = txn_->table(tables_[entry.table]).put(entry.key, entry.value); !put) return put;
    ++entries_;
    bytes_ += entry.key.size() + entry.value.size();
    if (entries_ < entries_of_transaction && bytes_ < bytes_of_transaction) return {};
    return commit();
  }

  /// Not durable one by one: the sync at the end makes them so.
  quire::Status commit() {
    if (!txn_) return {};
    auto ended = std::move(*txn_).commit(quire::Durability::buffered);
    txn_.reset();
    if (!ended) return quire::fail(ended);
    committed_ += std::exchange(entries_, 0);
    bytes_ = 0;
    return {};
  }

  quire::Storage storage_;
  std::vector<quire::RawTable> tables_;
  std::optional<quire::StorageTransaction> txn_;
  std::uint64_t entries_ = 0;  ///< of the open transaction
  std::uint64_t bytes_ = 0;
  std::uint64_t committed_ = 0;
};

Outcome<quire::Storage> open_target(const Request& request, std::uint32_t page_size,
                                    bool is_there) {
  if (is_there) return open_for_writing(request);
  auto storage = quire::StorageBuilder(request.path)
                     .with_page_size(request.page_size.value_or(page_size))
                     .build();
  if (!storage) return trouble("cannot make " + request.path, storage.error());
  return std::move(*storage);
}

/// Says what has become of the database of a load that failed, and removes it if it was made for
/// that load.
Failure give_up(const Trouble& why, Loader& loader, const Request& request, bool was_there) {
  loader.close();
  std::error_code ignored;
  if (!was_there) {
    std::filesystem::remove(request.path, ignored);
    return trouble(why.status, why.message + "; no database was made");
  }
  if (loader.committed() == 0) {
    return trouble(why.status, why.message + "; no entry of the dump was stored");
  }
  return trouble(why.status, fmt::format("{}; the first {} entries of the dump are in {} by now",
                                         why.message, loader.committed(), request.path));
}

Outcome<ExitStatus> load(const Request& request, std::istream& input, const std::string& name) {
  DumpReader reader(input, name);
  const auto header = reader.read_header();
  if (!header) return pass_on(header);
  std::error_code ignored;
  const bool was_there = std::filesystem::exists(request.path, ignored);
  if (was_there && request.page_size) {
    return trouble(ExitStatus::usage, request.path +
                                          " is there already and keeps its page size: leave "
                                          "--page-size out");
  }
  auto storage = open_target(request, header->page_size, was_there);
  if (!storage) return pass_on(storage);
  Loader loader(std::move(*storage));
  auto loaded = loader.open_tables(*header);
  if (loaded) loaded = loader.load(reader);
  if (!loaded) return give_up(loaded.error(), loader, request, was_there);
  std::cerr << fmt::format("loaded {} entries of {} tables into {}\n", loader.committed(),
                           header->tables.size(), request.path);
  return ExitStatus::ok;
}

}  // namespace

Outcome<ExitStatus> run_load(const Request& request, std::ostream&) {
  if (!request.dump_file) return load(request, std::cin, "the standard input");
  const std::string& path = *request.dump_file;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return trouble(ExitStatus::io_failed,
                   "cannot open the dump " + path + ": see whether it exists and may be read");
  }
  if (std::filesystem::is_regular_file(path)) {
    const auto checked = check_dump(path);
    if (!checked) {
      return trouble(checked.error().status, checked.error().message + "; nothing was changed");
    }
  }
  return load(request, file, path);
}

}  // namespace kvtool
