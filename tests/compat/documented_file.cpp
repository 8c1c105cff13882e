#include "documented_file.hpp"

#include <algorithm>
#include <stdexcept>

#include "quire/engine/base/checksum.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t slot_stride = 16384;
constexpr std::uint64_t first_page_offset = 65536;
constexpr std::string_view magic("quire store\r\n\x1a\n\0", 16);

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("not as documented: " + what);
}

std::uint64_t rounded_up(std::uint64_t size, std::uint64_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

std::uint64_t tail_length(std::uint64_t remaining) { return remaining < 8 ? 0 : remaining - 8; }

std::string big_endian(std::uint64_t value, int size) {
  std::string bytes;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

}  // namespace

// ---- Fields

DocumentedFile::DocumentedFile(Bytes file) : file_(file) {
  for (const TableRow& row : document_.rows_of("page type"))
    types_[std::stoull(row.at(1))] = row.at(0);
  choose_slot();
  page_size_ = meta("page_size");
  const DocumentedField id = place("MetaSlot", "file_id");
  file_seed_ = checksum64(file_.subspan(newest_slot_ * slot_stride + id.offset, id.size), 0);
}

std::uint64_t DocumentedFile::number(std::uint64_t offset, std::uint64_t size) const {
  require(offset + size <= file_.size(), "a field lies behind the end of the file");
  std::uint64_t value = 0;
  for (std::uint64_t i = size; i-- != 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(file_[offset + i]);
  return value;
}

DocumentedField DocumentedFile::place(const std::string& of, const std::string& name) const {
  for (const DocumentedField& one : document_.structs().at(of))
    if (one.name == name) return one;
  throw std::runtime_error("the document has no field " + of + "." + name);
}

std::uint64_t DocumentedFile::field(std::uint64_t base, const std::string& of,
                                    const std::string& name) const {
  const DocumentedField one = place(of, name);
  return number(base + one.offset, one.size);
}

std::uint64_t DocumentedFile::size_of(const std::string& of) const {
  const DocumentedField& last = document_.structs().at(of).back();
  return last.offset + last.size;
}

std::string DocumentedFile::text(std::uint64_t offset, std::uint64_t size) const {
  require(offset + size <= file_.size(), "bytes lie behind the end of the file");
  return std::string(as_text(file_.subspan(offset, size)));
}

// ---- Meta slots

bool DocumentedFile::is_sound_slot(std::uint64_t slot) const {
  const std::uint64_t base = slot * slot_stride;
  const auto sum = checksum128(file_.subspan(base, 4080));
  return text(base, 16) == magic && number(base + 4080, 8) == sum[0] &&
         number(base + 4088, 8) == sum[1];
}

void DocumentedFile::choose_slot() {
  std::pair<std::uint64_t, std::uint64_t> newest;
  for (std::uint64_t slot = 0; slot < 4; ++slot) {
    if (!is_sound_slot(slot)) continue;
    const std::uint64_t base = slot * slot_stride;
    const std::pair age(field(base, "MetaSlot", "txn"), field(base, "MetaSlot", "sequence"));
    if (age > newest) newest_slot_ = slot;
    newest = std::max(newest, age);
  }
  require(newest.second != 0, "there is a sound slot");
}

std::uint64_t DocumentedFile::meta(const std::string& name) const {
  return field(newest_slot_ * slot_stride, "MetaSlot", name);
}

// ---- Pages

/// Where a page begins whose checksum covers so many bytes.
std::uint64_t DocumentedFile::open_page(std::uint64_t page, std::uint64_t size) {
  require(page >= first_page_offset / page_size_ && page < meta("page_count"), "a page number");
  const std::uint64_t base = page * page_size_;
  require(field(base, "PageHeader", "number") == page, "a page knows its number");
  const std::uint64_t sum = checksum64(file_.subspan(base + 8, size - 8), file_seed_ ^ page);
  require(field(base, "PageHeader", "checksum") == sum, "the checksum of a page");
  require(field(base, "PageHeader", "born") <= meta("txn"), "a page is not from the future");
  ++types_seen_[type_of(base)];
  return base;
}

std::string DocumentedFile::type_of(std::uint64_t base) const {
  const auto type = types_.find(field(base, "PageHeader", "type"));
  return type == types_.end() ? "unknown" : type->second;
}

/// What leaf, rows and branch have in common; checks the samples.
DocumentedFile::Arrays DocumentedFile::arrays_of(std::uint64_t base) const {
  Arrays arrays{};
  arrays.count = field(base, "PageHeader", "entry_count");
  arrays.prefix_length = field(base, "PageHeader", "prefix_length");
  const std::uint64_t samples = base + size_of("PageHeader") + rounded_up(arrays.prefix_length, 8);
  const std::uint64_t sample_count = arrays.count >= 64 ? arrays.count / 16 : 0;
  arrays.heads = samples + 8 * sample_count;
  arrays.end = arrays.heads + 8 * arrays.count;
  for (std::uint64_t k = 0; k < sample_count; ++k)
    require(number(samples + 8 * k, 8) == number(arrays.heads + 8 * (16 * k + 15), 8), "a sample");
  return arrays;
}

/// Prefix, head and tail together.
std::string DocumentedFile::key_at(std::uint64_t base, const Arrays& arrays, std::uint64_t index,
                                   std::uint64_t remaining, std::uint64_t tail) const {
  const std::string head = big_endian(number(arrays.heads + 8 * index, 8), 8);
  const std::uint64_t in_head = std::min<std::uint64_t>(remaining, 8);
  require(head.find_first_not_of('\0', in_head) == std::string::npos, "a head is padded by zeros");
  return text(base + size_of("PageHeader"), arrays.prefix_length) + head.substr(0, in_head) +
         text(tail, tail_length(remaining));
}

// ---- Trees

std::uint64_t DocumentedFile::read_tree(const Reference& reference, std::uint64_t alignment,
                                        Entries& entries) {
  const std::uint64_t base = open_page(reference.page, page_size_);
  require(tree_pages_.insert(reference.page).second, "a page is in one tree, once");
  require(field(base, "PageHeader", "table") == reference.table, "a page of its table");
  require(field(base, "PageHeader", "born") <= reference.newest, "a child is not newer");
  if (reference.level != 0) return read_branch(base, reference, alignment, entries);
  const std::size_t before = entries.size();
  const std::uint64_t flags = field(base, "PageHeader", "flags");
  require(std::uint64_t{1} << flags == alignment, "the alignment of a leaf");
  if (type_of(base) == "rows") {
    read_rows(base, alignment, entries);
  } else {
    require(type_of(base) == "leaf", "a page at level 0 is a leaf");
    read_leaf(base, alignment, entries);
  }
  return entries.size() - before;
}

void DocumentedFile::read_leaf(std::uint64_t base, std::uint64_t alignment, Entries& entries) {
  const Arrays arrays = arrays_of(base);
  std::uint64_t in_use = field(base, "PageHeader", "second");
  for (std::uint64_t i = 0; i < arrays.count; ++i) {
    const std::uint64_t entry = base + number(arrays.end + 2 * i, 2);
    const std::uint64_t remaining = field(entry, "LeafEntryHeader", "remaining_key");
    const std::uint64_t length = field(entry, "LeafEntryHeader", "value_length");
    const std::uint64_t tail = entry + size_of("LeafEntryHeader");
    const std::uint64_t value = tail + tail_length(remaining);
    require(value % alignment == 0, "a value is aligned");
    const bool is_run = (length & 0x8000) != 0;
    require(!is_run || length == 0x8000 + size_of("OverflowReference"), "a reference");
    const std::uint64_t size = length & 0x7fff;
    in_use += value + rounded_up(size, alignment) - entry / alignment * alignment;
    std::string key = key_at(base, arrays, i, remaining, tail);
    require(entries.empty() || entries.rbegin()->first < key, "keys rise");
    require(is_run || key.size() + size <= page_size_ / 4, "a long value is in a run");
    entries[key] = is_run ? read_run(value, field(base, "PageHeader", "table")) : text(value, size);
  }
  require(in_use == field(base, "PageHeader", "first"), "the bytes of a heap");
}

void DocumentedFile::read_rows(std::uint64_t base, std::uint64_t alignment, Entries& entries) {
  const Arrays arrays = arrays_of(base);
  const std::uint64_t key_length = field(base, "PageHeader", "first");
  const std::uint64_t value_length = field(base, "PageHeader", "second");
  const std::uint64_t remaining = key_length - arrays.prefix_length;
  const std::uint64_t stride = rounded_up(value_length + tail_length(remaining), alignment);
  for (std::uint64_t i = 0; i < arrays.count; ++i) {
    const std::uint64_t row = base + page_size_ - (i + 1) * stride;
    std::string key = key_at(base, arrays, i, remaining, row + value_length);
    require(entries.empty() || entries.rbegin()->first < key, "keys rise");
    entries[key] = text(row, value_length);
  }
}

std::uint64_t DocumentedFile::read_branch(std::uint64_t base, const Reference& reference,
                                          std::uint64_t alignment, Entries& entries) {
  require(type_of(base) == "branch", "a page above level 0 is a branch");
  const std::uint64_t flags = field(base, "PageHeader", "flags");
  require((flags & 63) == reference.level, "the level of a branch");
  const bool is_pure = (flags & 128) != 0;
  impure_branches_ += is_pure ? 0 : 1;
  const Arrays arrays = arrays_of(base);
  const std::uint64_t counts = arrays.end + 4 * (arrays.count + 1);
  const std::uint64_t slots = counts + 6 * (arrays.count + 1);
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i <= arrays.count; ++i) {
    Entries below;
    const std::uint64_t found = read_tree({number(arrays.end + 4 * i, 4), reference.level - 1,
                                           reference.table, field(base, "PageHeader", "born")},
                                          alignment, below);
    require(found == number(counts + 6 * i, 6), "the entry count of a child");
    if (i > 0) {
      const std::string bound = separator(base, arrays, is_pure ? 0 : slots, i - 1);
      require(entries.rbegin()->first < bound && bound <= below.begin()->first, "a separator");
    }
    entries.merge(below);
    total += found;
  }
  return total;
}

std::string DocumentedFile::separator(std::uint64_t base, const Arrays& arrays, std::uint64_t slots,
                                      std::uint64_t index) const {
  const std::uint64_t offset = slots == 0 ? 0 : number(slots + 2 * index, 2);
  if (offset == 0) {
    const std::string head = big_endian(number(arrays.heads + 8 * index, 8), 8);
    return key_at(base, arrays, index, head.find_last_not_of('\0') + 1, base);
  }
  const std::uint64_t entry = base + offset;
  return key_at(base, arrays, index, field(entry, "BranchEntryHeader", "remaining_key"),
                entry + size_of("BranchEntryHeader"));
}

std::string DocumentedFile::read_run(std::uint64_t reference, std::uint64_t table) {
  const std::uint64_t first = field(reference, "OverflowReference", "first_page");
  const std::uint64_t length = field(reference, "OverflowReference", "length");
  const std::uint64_t size = size_of("OverflowHeader") + length;
  const std::uint64_t base = open_page(first, size);
  require(type_of(base) == "overflow", "a reference leads to a run");
  require(field(base, "OverflowHeader", "value_length") == length, "the length of a run");
  require(field(base, "PageHeader", "table") == table, "a run of its table");
  for (std::uint64_t page = first; page * page_size_ < base + size; ++page)
    require(tree_pages_.insert(page).second, "a page of a run is in one run");
  return text(base + size_of("OverflowHeader"), length);
}

// ---- The catalog

DocumentedTables DocumentedFile::tables() {
  Entries catalog;
  const std::uint64_t root = meta("catalog_root");
  const std::uint64_t found =
      root == 0 ? 0 : read_tree({root, meta("catalog_level"), 0, meta("txn")}, 1, catalog);
  require(found == meta("catalog_entries"), "the entry count of the catalog");
  DocumentedTables tables;
  for (const auto& [key, record] : catalog)
    if (key.front() == 1) tables[key.substr(1)] = read_table(record, catalog);
  require(2 * tables.size() == catalog.size(), "each table has two entries in the catalog");
  return tables;
}

std::optional<DocumentedFile::Tree> DocumentedFile::near_tree(std::uint64_t id) const {
  if (id > 16) return {};
  const std::uint64_t base = newest_slot_ * slot_stride + place("MetaSlot", "near").offset +
                             (id - 1) * size_of("NearTable");
  if (field(base, "NearTable", "id") == 0) return {};
  require(field(base, "NearTable", "id") == id, "a near table has its place");
  return Tree{
      {field(base, "NearTable", "root"), field(base, "NearTable", "level"), id, meta("txn")},
      field(base, "NearTable", "entry_count")};
}

DocumentedTable DocumentedFile::read_table(const std::string& record, const Entries& catalog) {
  const DocumentedFile* const file = this;
  const auto part = [&](const std::string& bytes, const std::string& of, const std::string& name) {
    for (const DocumentedField& one : file->document_.structs().at(of)) {
      if (one.name != name) continue;
      std::uint64_t value = 0;
      for (std::size_t i = one.size; i-- != 0;)
        value = value << 8 | static_cast<unsigned char>(bytes.at(one.offset + i));
      return value;
    }
    throw std::runtime_error("the document has no field " + of + "." + name);
  };
  require(record.size() == size_of("TableRecord"), "the size of a table's record");
  const std::uint64_t id = part(record, "TableRecord", "id");
  require(id < meta("next_table"), "ids of tables are below the next one");
  const std::string& texts = catalog.at("\x02" + big_endian(id, 4));
  const std::size_t key_at = size_of("DescriptorHeader");
  const std::size_t value_at = key_at + part(texts, "DescriptorHeader", "key_size");
  DocumentedTable table;
  table.key_descriptor = texts.substr(key_at, value_at - key_at);
  table.value_descriptor = texts.substr(value_at);
  require(table.value_descriptor.size() == part(texts, "DescriptorHeader", "value_size"), "texts");
  table.alignment = std::uint64_t{1} << part(record, "TableRecord", "alignment_log2");
  const Tree recorded{
      {part(record, "TableRecord", "root"), part(record, "TableRecord", "level"), id, meta("txn")},
      part(record, "TableRecord", "entry_count")};
  const Tree tree = near_tree(id).value_or(recorded);
  const std::uint64_t found =
      tree.root.page == 0 ? 0 : read_tree(tree.root, table.alignment, table.entries);
  require(found == tree.entries, "the entry count of a table");
  return table;
}

// ---- The space log

/// Pages that are new are free at first.
void DocumentedFile::grow(std::uint64_t page_count, DocumentedSpace& space) {
  require(page_count >= space.page_count, "the page count never falls");
  for (; space.page_count < page_count; ++space.page_count) space.free.insert(space.page_count);
}

/// List one; where it ends.
std::uint64_t DocumentedFile::read_extents(std::uint64_t at, std::uint64_t count, bool is_free,
                                           DocumentedSpace& space) {
  for (; count != 0; --count, at += size_of("LogExtent")) {
    const std::uint64_t first = field(at, "LogExtent", "first");
    for (std::uint64_t i = 0; i < field(at, "LogExtent", "count"); ++i) {
      const bool was_right =
          is_free ? space.free.insert(first + i).second : space.free.erase(first + i) == 1;
      require(was_right, "pages are free once, and taken when they are free");
    }
  }
  return at;
}

void DocumentedFile::read_tail(std::uint64_t at, std::uint64_t size, DocumentedSpace& space) {
  const std::uint64_t end = at + size;
  while (at != end) {
    require(at + size_of("LogTailRecord") <= end, "a record of a tail");
    grow(field(at, "LogTailRecord", "page_count"), space);
    const std::uint64_t extents = field(at, "LogTailRecord", "extent_count");
    std::uint64_t dead = field(at, "LogTailRecord", "dead_count");
    at = read_extents(at + size_of("LogTailRecord"), extents, false, space);
    for (; dead != 0; --dead, at += size_of("LogTailDead")) {
      for (std::uint64_t i = 0; i < field(at, "LogTailDead", "count"); ++i)
        require(space.free.insert(field(at, "LogTailDead", "first") + i).second, "pages die once");
      space.pending += field(at, "LogTailDead", "count");
    }
    require(at <= end, "a tail has whole records");
    ++space.slot_records;
  }
}

void DocumentedFile::read_log_page(std::uint64_t base, DocumentedSpace& space) {
  std::uint64_t at = base + size_of("LogPageHeader");
  const std::uint64_t tail = field(base, "LogPageHeader", "tail_size");
  read_tail(at, tail, space);
  space.page_tails += tail == 0 ? 0 : 1;
  grow(field(base, "LogPageHeader", "page_count"), space);
  const bool is_checkpoint = type_of(base) == "log_checkpoint";
  at = read_extents(at + tail, field(base, "PageHeader", "first"), is_checkpoint, space);
  if (is_checkpoint) space.free_before = space.free.size();
  for (std::uint64_t i = field(base, "PageHeader", "second"); i != 0; --i) {
    require(field(at, "LogDeadExtent", "died") <= field(base, "PageHeader", "born"), "died before");
    for (std::uint64_t page = 0; page < field(at, "LogDeadExtent", "count"); ++page)
      require(space.free.insert(field(at, "LogDeadExtent", "first") + page).second,
              "pages die once");
    space.pending += field(at, "LogDeadExtent", "count");
    at += size_of("LogDeadExtent");
  }
}

DocumentedSpace DocumentedFile::space() {
  std::vector<std::uint64_t> chain;  // newest first
  DocumentedSpace space{.trees = tree_pages_, .log = {}, .free = {}};
  std::uint64_t page = meta("log_page");
  for (std::uint64_t born = meta("log_born"); page != 0;) {
    const std::uint64_t base = open_page(page, page_size_);
    require(field(base, "PageHeader", "born") == born, "a link of the log");
    require(type_of(base).starts_with("log_"), "a link leads to a log page");
    require(space.log.insert(page).second, "the chain is no circle");
    chain.push_back(base);
    page = field(base, "LogPageHeader", "previous_page");
    born = field(base, "LogPageHeader", "previous_born");
  }
  require(type_of(chain.back()) == "log_checkpoint", "the chain ends at a checkpoint");
  space.page_count = field(chain.back(), "LogPageHeader", "page_count");
  for (auto base = chain.rbegin(); base != chain.rend(); ++base) read_log_page(*base, space);
  space.slot_records = 0;
  read_tail(newest_slot_ * slot_stride + place("MetaSlot", "log_tail").offset,
            meta("log_tail_size"), space);
  require(space.page_count == meta("page_count"), "the page count of the log");
  return space;
}

}  // namespace quire::test
