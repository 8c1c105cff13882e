#include "unit/tools/sample_tables.hpp"

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "quire/formats/compressed.hpp"
#include "quire/formats/flatbuffers.hpp"
#include "quire/formats/rkyv.hpp"
#include "unit/formats/sample_monster.hpp"

namespace kvtool::test {

struct Book {
  std::string title;
  std::vector<std::uint16_t> years;
  std::optional<double> price;
  std::map<std::uint32_t, std::string> pages;
  std::unordered_map<std::string, std::uint64_t> words;
};
QUIRE_DESCRIBE(Book, title, years, price, pages, words)

/// Shown as {"hex": ...}, which stands for bytes.
struct Colour {
  std::string hex;
};
QUIRE_DESCRIBE(Colour, hex)

struct Point {
  std::int32_t x;
  std::int32_t y;
};

namespace {

using quire::as_bytes;
using quire::Storage;

Book book(const std::string& title, std::size_t words) {
  Book made{.title = title, .years = {1998, 2003}, .price = {}, .pages = {}, .words = {}};
  if (words % 2 == 1) made.price = 12.5;
  for (std::uint32_t page = 0; page < words; ++page) {
    made.pages[page] = "page " + std::to_string(page);
    made.words["word " + std::to_string(page)] = page * page;
  }
  return made;
}

template <class K, class V, class Format = quire::DefaultValueFormat<V>>
auto table(Storage& storage, const std::string& name, const Format& format = {}) {
  return storage.new_table<K, V>(name).with_value_format(format).build().value();
}

void make_plain_tables(Storage& storage) {
  auto numbers = table<std::uint32_t, std::int64_t>(storage, "numbers");
  for (const std::uint32_t key : {0U, 7U, ~0U})
    numbers.put(key, std::numeric_limits<std::int64_t>::min() + key).value();
  auto floats = table<double, float>(storage, "floats");
  for (const double key : {-0.0, 0.0, 0.1, -1e300, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()})
    floats.put(key, static_cast<float>(key)).value();
  auto texts = table<std::string, std::string>(storage, "texts");
  texts.put("Z\xC3\xBCrich", "{\"hex\":\"00\"}").value();
  texts.put("no UTF-8: \xFF", std::string("\xC0\x80\0", 3)).value();
  texts.put("", "").value();
  auto points = table<std::uint8_t, Point>(storage, "points");
  points.put(1, {.x = 1, .y = -1}).value();
  auto names = table<std::string, quire::Empty>(storage, "names");
  names.put("a", {}).value();
  auto raw = table<quire::ByteString, quire::ByteString>(storage, "raw");
  raw.put(as_bytes("\x01\xFE"), as_bytes("\xFF\x00z")).value();
}

void make_key_tables(Storage& storage) {
  using Pair = std::tuple<std::string, std::uint32_t>;
  auto pairs = table<Pair, bool>(storage, "pairs");
  pairs.put({"a", 1}, true).value();
  pairs.put({std::string("b\0\xFF", 3), 2}, false).value();
  auto places = table<Place, std::string>(storage, "places");
  places.put({"Bern", 7, quire::Descending<std::int16_t>(-3)}, "here").value();
  places.put({"", {}, quire::Descending<std::int16_t>(0)}, "nowhere").value();
  auto last_first = table<quire::Descending<std::string>, std::uint8_t>(storage, "last first");
  last_first.put(quire::Descending<std::string>("\xFF"), std::uint8_t{1}).value();
  auto colours = table<Colour, std::uint8_t>(storage, "colours");
  colours.put({"ff00aa"}, std::uint8_t{1}).value();
}

void make_archive_tables(Storage& storage) {
  auto books = table<std::uint32_t, Book>(storage, "books", quire::RkyvFormat{});
  for (const std::uint32_t words : {0U, 1U, 3U, 20U, 200U})
    books.put(words, book("Book " + std::to_string(words), words)).value();
  auto colours = table<std::uint8_t, Colour>(storage, "archived colours", quire::RkyvFormat{});
  colours.put(std::uint8_t{1}, {"00ff00"}).value();
  auto floats =
      table<std::uint8_t, std::vector<double>>(storage, "archived floats", quire::RkyvFormat{});
  floats.put(std::uint8_t{1}, {0.1, -0.0, std::numeric_limits<double>::signaling_NaN()}).value();
}

void make_flatbuffers_tables(Storage& storage) {
  using quire::test::sample_monster;
  using Schema = monsters::MonsterBinarySchema;
  using Format = quire::FlatbuffersFormat<monsters::Monster>;
  const auto format = Format::with_schema(Schema::data(), Schema::size()).value();
  auto known = table<std::uint32_t, monsters::Monster>(storage, "monsters", format);
  known.put(1, sample_monster("Orc")).value();
  known.put(2, sample_monster("no UTF-8: \xFF")).value();
  const auto shield =
      quire::FlatbuffersFormat<monsters::Shield>::with_schema(Schema::data(), Schema::size());
  // Not the root of its schema.
  table<std::uint8_t, monsters::Shield>(storage, "shields", *shield)
      .put(std::uint8_t{1}, monsters::ShieldT())
      .value();
  auto unknown = table<std::uint32_t, monsters::Monster>(storage, "unknown monsters", Format());
  unknown.put(1, sample_monster("Elf")).value();
  // In another order than kvtool builds it.
  flatbuffers::FlatBufferBuilder builder;
  const auto titles = builder.CreateVectorOfStrings(std::vector<std::string>{"late", "later"});
  const auto name = builder.CreateString("built by hand");
  monsters::MonsterBuilder monster(builder);
  monster.add_name(name);
  monster.add_titles(titles);
  builder.Finish(monster.Finish());
  known.put(3, builder).value();
}

void make_compressed_tables(Storage& storage) {
  auto texts = table<std::uint32_t, std::string>(storage, "compressed texts",
                                                 quire::Compressed<quire::TextFormat>{});
  texts.put(1, std::string(1000, 'x')).value();
  texts.put(2, "short").value();
  // At another level than kvtool's.
  auto books = table<std::uint32_t, Book>(
      storage, "compressed books", quire::Compressed<quire::RkyvFormat>{.inner = {}, .level = 19});
  books.put(1, book("Compressed", 100)).value();
  auto raw = table<std::uint32_t, quire::ByteString>(storage, "compressed bytes",
                                                     quire::Compressed<quire::RawFormat>{});
  raw.put(1, as_bytes("\xFF\xFE")).value();
}

/// What no library of the type has written.
void add_what_is_no_value(Storage& storage) {
  for (const auto& info : storage.tables().value()) {
    auto raw = storage.open_raw_table(info.name).value();
    raw.put(as_bytes("no key or value"), as_bytes("\x07")).value();
    raw.put(as_bytes("k"), as_bytes("\x01\x02\x03")).value();
    raw.put(as_bytes(std::string_view("\x7F\xF8\x00\x00\x00\x00\x12\x34", 8)), {}).value();
  }
}

}  // namespace

void make_sample_tables(const std::string& path) {
  auto storage = quire::StorageBuilder(path).build().value();
  make_plain_tables(storage);
  make_key_tables(storage);
  make_archive_tables(storage);
  make_flatbuffers_tables(storage);
  make_compressed_tables(storage);
  add_what_is_no_value(storage);
  table<std::uint32_t, std::uint32_t>(storage, "nothing in it");
  storage.close().value();
}

std::map<std::string, TableContent> content_of_file(const std::string& path) {
  auto storage = quire::StorageBuilder(path).with_access(quire::Access::read_only).build().value();
  std::map<std::string, TableContent> tables;
  for (const auto& info : storage.tables().value()) {
    TableContent& content = tables[info.name];
    content.key_descriptor = info.key_descriptor;
    content.value_descriptor = info.value_descriptor;
    content.alignment = info.root.alignment();
    const auto table = storage.open_raw_table(info.name).value();
    const auto copy = [](quire::Bytes bytes) {
      return quire::ByteString(bytes.begin(), bytes.end());
    };
    for (const auto& [key, value] : table.range())
      content.entries.emplace_back(copy(key), copy(*value));
  }
  return tables;
}

}  // namespace kvtool::test
