#include "quire/api/async/stream.hpp"

#include <doctest/doctest.h>
#include <quire/formats/compressed.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>

#include "unit/api/async/loop.hpp"

namespace quire::test {
namespace {

asio::awaitable<std::vector<TextList>> read_chunks(TextStream& stream) {
  std::vector<TextList> chunks;
  for (;;) {
    auto chunk = co_await stream.next_chunk();
    if (chunk.value().empty()) break;
    chunks.push_back(list_of_chunk(*chunk));
  }
  co_return chunks;
}

TextList joined(const std::vector<TextList>& chunks) {
  TextList list;
  for (const TextList& chunk : chunks) list.insert(list.end(), chunk.begin(), chunk.end());
  return list;
}

std::vector<StreamOptions> all_options(Loop& loop) {
  std::vector<StreamOptions> all;
  for (const StreamMode mode : {StreamMode::stay, StreamMode::follow})
    for (const std::size_t entries : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}})
      for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}, std::size_t{3}})
        all.push_back({.mode = mode,
                       .chunk_entries = entries,
                       .chunks_ahead = ahead,
                       .leaves_ahead = static_cast<std::uint32_t>(ahead),
                       .workers = loop.worker});
  return all;
}

/// Law: a stream gives the entries of its part, each once, in the order of that, and then its end.
template <class Table, class Part>
void check_part(Loop& loop, const Table& table, const Part& part) {
  const TextList expected = list_of(part(table));
  for (const StreamOptions& options : all_options(loop)) {
    CAPTURE(options.chunk_entries);
    auto stream = async_stream(table, part, options);
    REQUIRE(loop.run(read_all(stream)) == expected);
    REQUIRE(loop.run(read_all(stream)).empty());
    auto chunks = async_stream(table, part, options);
    REQUIRE(joined(loop.run(read_chunks(chunks))) == expected);
  }
}

template <class Table>
void check_parts(Loop& loop, const Table& table) {
  check_part(loop, table, [](const auto& all) { return all.range(); });
  check_part(loop, table, [](const auto& all) { return all.reverse(); });
  check_part(loop, table, [](const auto& all) { return all.range(5, 100); });
  check_part(loop, table, [](const auto& all) { return all.range(5, 100).reversed(); });
  check_part(loop, table, [](const auto& all) { return all.range(100, 5); });
  check_part(loop, table, [](const auto& all) { return all.range_from(250); });
  check_part(loop, table, [](const auto& all) { return all.range_from(250).reversed(); });
}

/// Entries of a byte, and some of several pages.
std::string mixed_text(std::uint32_t key) {
  return std::string(key % 10 == 3 ? 20'000 + key : key % 5, 'x');
}

TEST_CASE("a stream gives the entries of its part in order, and then its end") {
  for (const Place::Kind kind : Place::all) {
    for (const std::uint32_t count : {0U, 1U, 7U, 8U, 300U}) {
      CAPTURE(count);
      Place place(kind);
      Storage storage = place.open();
      Texts table = texts_in(storage);
      put_texts(storage, table, count, mixed_text);
      Loop loop;
      check_parts(loop, table);
      check_parts(loop, storage.snapshot().value().table(table));
    }
  }
}

TEST_CASE("a stream without options is of the whole table, on workers that all share") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 1000, short_text);
  Loop loop;
  auto stream = async_stream(table);
  CHECK(loop.run(read_all(stream)) == list_of(table.range()));
}

// Law: who has heard of the end may end all that the table is in.
TEST_CASE("at its end a stream keeps nothing") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 300, short_text);
  Loop loop;
  for (const StreamOptions& options : all_options(loop)) {
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> kept = token;
    const auto part = [token](const Texts& all) { return token ? all.range() : all.reverse(); };
    auto stream = async_stream(table, part, options);
    const auto scan = [&]() -> asio::awaitable<void> {
      while ((co_await stream.next()).value() != nullptr) {
      }
    };
    loop.run(scan());
    CHECK(kept.use_count() == 2);  // ours
    CHECK(storage.statistics().value().pins == 0);
  }
}

TEST_CASE("a chunk has as many entries as it may, and as many bytes") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 100, [](std::uint32_t) { return std::string(996, 'x'); });
  Loop loop;
  const auto sizes = [&](StreamOptions options) {
    options.workers = loop.worker;
    auto stream = async_stream(table, options);
    std::vector<std::size_t> all;
    for (const TextList& chunk : loop.run(read_chunks(stream))) all.push_back(chunk.size());
    return all;
  };
  using Sizes = std::vector<std::size_t>;
  CHECK(sizes({.chunk_entries = 40}) == Sizes{40, 40, 20});
  CHECK(sizes({.chunk_entries = 50}) == Sizes{50, 50});
  // A key has 4 bytes: 1000 for each entry.
  CHECK(sizes({.chunk_bytes = 40'000}) == Sizes{40, 40, 20});
  CHECK(sizes({.chunk_bytes = 39'001}) == Sizes{40, 40, 20});
  CHECK(sizes({.chunk_bytes = 10}) == Sizes(100, 1));
  CHECK(sizes({.chunk_entries = 0}) == Sizes(100, 1));
}

// Law: no more chunks are read than may be ahead of the consumer.
TEST_CASE("a consumer that takes its time holds up the reading") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 1000, short_text);
  for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
    CAPTURE(ahead);
    Loop loop;
    std::atomic<std::size_t> reads = 0;
    const auto part = [&](const Texts& all) {
      ++reads;
      return all.range();
    };
    auto stream = async_stream(table, part,
                               {.mode = StreamMode::follow,
                                .chunk_entries = 10,
                                .chunks_ahead = ahead,
                                .workers = loop.worker});
    loop.drain();
    CHECK(reads == 0);
    const auto take = [&]() -> asio::awaitable<void> {
      for (std::size_t taken = 1; taken <= 20; ++taken) {
        auto chunk = co_await stream.next_chunk();
        CHECK(chunk.value().size() == 10);
        for (std::size_t turn = 0; turn <= ahead; ++turn) loop.drain();
        CHECK(reads == taken + ahead);
      }
    };
    loop.run(take());
  }
}

TEST_CASE("a chunk keeps its entries, whatever goes first") {
  std::optional<Place> place(std::in_place);
  std::optional<Storage> storage = place->open();
  std::optional<Texts> table = texts_in(*storage);
  put_texts(*storage, *table, 100, short_text);
  TextStream::Chunk chunk;
  {
    Loop loop;
    auto stream = async_stream(*table, {.chunk_entries = 50, .workers = loop.worker});
    const auto take = [&]() -> asio::awaitable<void> {
      auto taken = co_await stream.next_chunk();
      chunk = std::move(taken.value());
    };
    loop.run(take());
  }
  put_texts(*storage, *table, 100, [](std::uint32_t) { return std::string("new"); });
  table.reset();
  storage.reset();
  for (const auto& [key, value] : chunk) CHECK(*value == short_text(key));
  chunk.clear();
}

TEST_CASE("a stream is asked for one chunk at a time") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 100, short_text);
  Loop loop;
  Gate gate;
  const auto part = [&](const Texts& all) {
    gate.pass();
    return all.range();
  };
  auto stream = async_stream(table, part, {.workers = loop.worker});
  auto first = stream.next_chunk(asio::use_future);
  auto second = stream.next_chunk(asio::use_future);
  CHECK(code_of(second.get()) == ErrorCode::invalid_argument);
  gate.open();
  CHECK(first.get().value().size() == 100);
}

TEST_CASE("handlers without an executor are called by workers") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 10, short_text);
  Loop loop;
  auto stream = async_stream(table, {.workers = loop.worker});
  std::promise<std::size_t> size;
  bool is_worker = false;
  stream.next_chunk([&](Result<TextStream::Chunk> chunk) {
    is_worker = loop.worker.get_executor().running_in_this_thread();
    size.set_value(chunk.value().size());
  });
  CHECK(size.get_future().get() == 10);
  CHECK(is_worker);
}

asio::awaitable<std::size_t> count_entries(auto stream) {
  std::size_t count = 0;
  for (;;) {
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;
    ++count;
  }
  co_return count;
}

/// Law: streams are of every table that has ranges.
template <class Table>
void check_any(Loop& loop, const Table& table) {
  for (const StreamMode mode : {StreamMode::stay, StreamMode::follow}) {
    const StreamOptions options{.mode = mode, .chunk_entries = 3, .workers = loop.worker};
    CHECK(loop.run(count_entries(async_stream(table, options))) == table.size().value());
  }
}

TEST_CASE("streams are of tables of all kinds of keys and values") {
  Place place;
  Storage storage = place.open();
  Loop loop;
  auto packed = storage.new_table<std::string, std::string>("packed")
                    .with_value_format(Compressed<TextFormat>())
                    .build()
                    .value();
  for (const char* key : {"", "a", "b", "bc"}) packed.put(key, std::string(9000, 'x')).value();
  check_any(loop, packed);
  check_any(loop, storage.open_raw_table("packed").value());
  using Name = std::tuple<std::string, std::uint16_t>;
  auto tuples = storage.new_table<Name, double>("tuples").build().value();
  for (std::uint16_t number = 0; number < 10; ++number)
    tuples.put(Name("a", number), number).value();
  check_any(loop, tuples);
}

TEST_CASE("streams are of what other threads may read") {
  using Editor = TableEditor<Texts::SchemaType>;
  CHECK(StreamedPart<WholeTable, Texts>);
  CHECK(StreamedPart<WholeTable, TableSnapshot<Texts::SchemaType>>);
  CHECK_FALSE(StreamedPart<WholeTable, Editor>);
}

}  // namespace
}  // namespace quire::test
