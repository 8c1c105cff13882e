// A hostile file: a sound small database with bytes exchanged and checksums made good again.
//
// Law: opening, checking, reading and editing it gives answers or errors, and never leaves the
// bounds of memory or hangs. The fuzzer's input is a list of patches, four bytes each: the page,
// the offset in it (two bytes) and the new value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/base/checksum.hpp"
#include "quire/engine/engine.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/txn/meta.hpp"

namespace {

using namespace quire;

constexpr std::uint32_t page_size = layout::min_page_size;
constexpr const char* path = "fuzzed";

Options options_on(FileSystem& files) {
  Options options;
  options.file_system = &files;
  options.page_size = page_size;
  options.checkpoint_after = 2;
  options.log_in_slots = page_size != layout::min_page_size;
  return options;
}

std::string text_key(int number) { return "key" + std::to_string(number * 7919 % 1000); }

void fill(const Database& database) {
  for (int round = 0; round < 3; ++round) {
    auto txn = database.begin_write().value();
    for (const char* name : {"numbers", "texts"}) {
      const auto known = txn.table(name).value();
      TableSpec spec;
      spec.value_alignment = 8;
      const TableId table = known ? known->root.table : txn.create_table(name, spec).value();
      const bool is_uniform = name[0] == 'n';
      for (int i = 0; i < 300; ++i) {
        const std::string key = is_uniform ? std::to_string(10'000 + i * 3) : text_key(i);
        const std::string value(is_uniform ? 8U : static_cast<std::size_t>(i % 40 + i / 299 * 9000),
                                static_cast<char>('a' + round));
        static_cast<void>(txn.put(table, name, as_bytes(key), as_bytes(value)).value());
      }
      static_cast<void>(txn.erase(table, name, as_bytes(text_key(round))).value());
    }
    static_cast<void>(std::move(txn).commit().value());
  }
}

/// The bytes of the sound file.
std::vector<std::byte> sound_file() {
  MemoryFileSystem files;
  {
    const auto database = Database::open(path, options_on(files)).value();
    fill(database);
  }
  const auto file = files.open(path, Access::read_only).value();
  const std::uint64_t size = file->size().value();
  const Bytes bytes = file->map(size).value().first(size);
  return {bytes.begin(), bytes.end()};
}

void reseal(std::vector<std::byte>& bytes, std::uint32_t number) {
  const MutableBytes page = MutableBytes(bytes).subspan(std::size_t{number} * page_size, page_size);
  if (number < layout::first_page(page_size)) {
    auto& slot = *overlay<layout::MetaSlot>(page.data());
    const auto sum = checksum128(Bytes(page).first(offsetof(layout::MetaSlot, checksum)));
    slot.checksum[0] = sum[0];
    slot.checksum[1] = sum[1];
    return;
  }
  const auto& slot = *overlay<layout::MetaSlot>(bytes.data());
  const auto& header = *overlay<layout::PageHeader>(page.data());
  seal_page(page, {{header.number}, {header.born}, {header.table}},
            seed_of(std::to_array(slot.file_id)));
}

void apply(std::vector<std::byte>& bytes, std::span<const std::uint8_t> patches) {
  const auto pages = static_cast<std::uint32_t>(bytes.size() / page_size);
  for (std::size_t at = 0; at + 4 <= patches.size() && at < 64; at += 4) {
    const std::uint32_t page = patches[at] % pages;
    const std::uint32_t offset = (patches[at + 1] + 256U * patches[at + 2]) % page_size;
    bytes[std::size_t{page} * page_size + offset] = std::byte{patches[at + 3]};
    reseal(bytes, page);
  }
}

void read_all(const Database& database) {
  const auto snapshot = database.snapshot();
  if (!snapshot) return;
  const auto tables = snapshot->tables();
  if (!tables) return;
  for (const TableInfo& table : *tables) {
    static_cast<void>(snapshot->statistics(table.root));
    static_cast<void>(snapshot->get(table.root, as_bytes(text_key(5))));
    Cursor cursor = snapshot->cursor(table.root);
    for (auto at = cursor.seek_first(); at && *at; at = cursor.next())
      static_cast<void>(cursor.value());
    for (auto at = cursor.seek_last(); at && *at; at = cursor.previous())
      static_cast<void>(cursor.key());
  }
}

void edit(const Database& database) {
  auto txn = database.begin_write();
  if (!txn) return;
  const auto tables = txn->tables();
  if (!tables) return;
  for (const TableInfo& table : *tables) {
    for (int i = 0; i < 300; i += 7) {
      const std::string key = text_key(i);
      const bool is_erased = i % 2 == 0;
      const auto done = is_erased ? txn->erase(table.root.table, table.name, as_bytes(key))
                                  : txn->put(table.root.table, table.name, as_bytes(key), {});
      if (!done) return;
    }
  }
  static_cast<void>(std::move(*txn).commit());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::byte> sound = sound_file();
  std::vector<std::byte> bytes = sound;
  apply(bytes, {data, size});
  MemoryFileSystem files({.file_capacity = std::size_t{16} << 20});
  files.add_file(path, bytes).value();
  const auto database = Database::open(path, options_on(files));
  if (!database) return 0;
  static_cast<void>(database->check());
  read_all(*database);
  edit(*database);
  return 0;
}
