// A file that somebody made to do harm: its checksums hold, but what they cover lies.
//
// Law: any answer or an error, and neither undefined behaviour (the sanitizers watch), nor an end
// of the program, nor a read that does not end.
#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "image.hpp"
#include "image_disk.hpp"
#include "quire/engine/page/layout.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::size_t page_size = 4096;
constexpr std::size_t room_to_write = std::size_t{1} << 20;

/// More entries than a file of this size can have: whoever reads so many walks in circles.
constexpr std::size_t too_many_entries = 100'000;

/// Keeps the reads from being optimised away.
volatile unsigned reads_summed = 0;

/// Touches each byte, so that the sanitizer sees where it lies.
void touch(Bytes bytes) {
  unsigned sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<unsigned>(byte);
  reads_summed = reads_summed + sum;
}

/// Walks a table both ways; false when it does not end.
bool walk(const Snapshot& snapshot, const TreeRoot& root) {
  Cursor cursor = snapshot.cursor(root);
  std::size_t count = 0;
  Result<bool> at = cursor.seek_first();
  for (; at && *at && count < too_many_entries; at = cursor.next(), ++count) {
    touch(cursor.key());
    if (const Result<Value> value = cursor.value()) touch(*value);
  }
  if (count >= too_many_entries) return false;
  at = cursor.seek_last();
  for (; at && *at && count < 2 * too_many_entries; at = cursor.previous(), ++count)
    touch(cursor.key());
  return count < 2 * too_many_entries;
}

void find_some(const Snapshot& snapshot, const TreeRoot& root) {
  const Content& content = image_content();
  for (const TableContent& table : content) {
    for (std::size_t i = 0; i < table.entries.size(); i += 37) {
      const auto found = snapshot.get(root, as_bytes(table.entries[i].first));
      if (found && *found) touch(**found);
    }
  }
}

/// False when some read does not end.
bool read_everything(const Database& database) {
  const Result<Snapshot> snapshot = database.snapshot();
  if (!snapshot) return true;
  const Result<std::vector<TableInfo>> tables = snapshot->tables();
  if (!tables) return true;
  for (const TableInfo& table : *tables) {
    find_some(*snapshot, table.root);
    static_cast<void>(snapshot->statistics(table.root));
    if (!walk(*snapshot, table.root)) return false;
  }
  return true;
}

/// Puts, replaces, erases and drops; gives up at the first error.
Status write_everything(const Database& database) {
  auto txn = database.begin_write();
  if (!txn) return fail(txn);
  const auto tables = txn->tables();
  if (!tables) return fail(tables);
  for (const TableInfo& table : *tables) {
    const TableId id = table.root.table;
    for (const TableContent& other : image_content()) {
      for (std::size_t i = 0; i < other.entries.size(); i += 23) {
        const Bytes key = as_bytes(other.entries[i].first);
        const auto changed = i % 2 == 0 ? txn->put(id, table.name, key, as_bytes("new"))
                                        : txn->erase(id, table.name, key);
        if (!changed) return fail(changed);
      }
    }
  }
  if (!tables->empty()) {
    if (Status dropped = txn->drop_table(tables->back().name); !dropped) return dropped;
  }
  if (const auto done = std::move(*txn).commit(); !done) return fail(done);
  return {};
}

/// False when some read does not end.
bool use(ImageDisk& disk, Access access) {
  const Result<Database> database = Database::open("image", options_for(disk, access));
  if (!database) return true;
  static_cast<void>(database->check());
  bool ends = read_everything(*database);
  if (access == Access::read_write) {
    // Three times: what one transaction gave back the next ones take.
    for (int round = 0; round < 3; ++round) {
      static_cast<void>(write_everything(*database));
      ends = ends && read_everything(*database);
    }
  }
  return ends;
}

/// Both kinds of opening.
struct Disks {
  ImageDisk reading{image(), 0};
  ImageDisk writing{image(), room_to_write};

  /// Calls change on the bytes, uses them, and makes them good again. False: something hangs.
  template <class Change>
  bool try_with(Change change) {
    bool ends = true;
    for (ImageDisk* disk : {&reading, &writing}) {
      change(disk->bytes());
      ends = use(*disk, disk == &reading ? Access::read_only : Access::read_write) && ends;
      disk->restore();
      std::memcpy(disk->bytes().data(), image().data(), image().size());
    }
    return ends;
  }
};

std::uint32_t page_count() { return page_count_of(image()).value; }

std::size_t stride_at_volume(std::size_t whole) {
  const std::size_t wanted = scaled(whole);
  return wanted >= whole ? 1 : whole / wanted | 1;
}

// ---- One bit

TEST_CASE("a page with one bit flipped and its checksum made right does no harm") {
  Disks disks;
  const std::size_t first = layout::first_page(page_size) * page_size;
  // Of a page all of its first 512 bytes, where the structure is, and a part of the rest.
  const std::size_t stride = stride_at_volume(1000);
  for (std::size_t bit = 8 * first; bit < 8 * image().size(); bit += stride) {
    const std::size_t in_page = bit / 8 % page_size;
    if (in_page >= 512 && bit % 11 != 0) continue;
    const PageNo page{static_cast<std::uint32_t>(bit / 8 / page_size)};
    const bool ends = disks.try_with([&](MutableBytes file) {
      file[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      seal_again(file, page);
    });
    CAPTURE(bit);
    REQUIRE(ends);
  }
}

TEST_CASE("meta slots with one bit flipped and their checksums made right do no harm") {
  Disks disks;
  constexpr std::size_t used = offsetof(layout::MetaSlot, log_tail);
  for (std::size_t bit = 0; bit < 8 * used; ++bit) {
    const bool ends = disks.try_with([&](MutableBytes file) {
      for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot) {
        file[slot * layout::meta_slot_stride + bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        seal_slot(file, slot);
      }
    });
    CAPTURE(bit);
    REQUIRE(ends);
  }
}

// ---- Much at once

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t end) {
  return static_cast<std::size_t>(random()) % end;
}

/// A 16-bit number that arithmetic may stumble over.
std::uint16_t awkward(Random& random) {
  constexpr std::uint16_t numbers[] = {0,    1,    2,      7,      8,      31,     32,
                                       63,   64,   255,    256,    1023,   1024,   4064,
                                       4095, 4096, 0x7fff, 0x8000, 0x8010, 0xfffe, 0xffff};
  if (below(random, 4) == 0) return static_cast<std::uint16_t>(random());
  return numbers[below(random, std::size(numbers))];
}

/// Some bytes of one page replaced: header, arrays, or anywhere.
void damage_page(Random& random, MutableBytes file, PageNo page) {
  const std::size_t base = std::size_t{page.value} * page_size;
  const std::size_t reach[] = {32, 128, page_size};
  for (std::size_t change = 1 + below(random, 4); change != 0; --change) {
    const std::size_t at = below(random, reach[below(random, 3)] - 1);
    const U16le number = awkward(random);
    std::memcpy(file.data() + base + at, &number, sizeof(number));
  }
}

TEST_CASE("pages with several awkward numbers and right checksums do no harm") {
  Disks disks;
  const std::size_t rounds = scaled(60'000);
  for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
    const bool ends = disks.try_with([&](MutableBytes file) {
      Random random(seed);
      const std::uint32_t first = layout::first_page(page_size);
      for (std::size_t pages = 1 + below(random, 2); pages != 0; --pages) {
        const auto offset = static_cast<std::uint32_t>(below(random, page_count() - first));
        damage_page(random, file, {first + offset});
        seal_again(file, {first + offset});
      }
    });
    CAPTURE(seed);
    REQUIRE(ends);
  }
}

/// Takes one page's place by a copy of another, which then claims to belong there.
TEST_CASE("pages that are copies of other pages, with right checksums, do no harm") {
  Disks disks;
  const std::uint32_t first = layout::first_page(page_size);
  for (std::uint32_t target = first; target < page_count(); ++target) {
    for (std::uint32_t source = first; source < page_count(); ++source) {
      const bool ends = disks.try_with([&](MutableBytes file) {
        const std::size_t to = std::size_t{target} * page_size;
        const std::size_t from = std::size_t{source} * page_size;
        std::memcpy(file.data() + to, image().data() + from, page_size);
        overlay<layout::PageHeader>(file.data() + to)->number = target;
        seal_again(file, {target});
      });
      CAPTURE(target);
      CAPTURE(source);
      REQUIRE(ends);
    }
  }
}

}  // namespace
}  // namespace quire::test
