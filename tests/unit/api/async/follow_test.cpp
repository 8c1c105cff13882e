// What a stream shows, and what it keeps, while somebody writes.
//
// The writer is the consumer itself, between two chunks; so nothing is left to chance.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <set>

#include "support/volume.hpp"
#include "unit/api/async/loop.hpp"
#include "unit/api/model.hpp"

namespace quire::test {
namespace {

using Texted = Model<std::uint32_t, std::string>;

/// One commit of some puts and erasures, to the table and the model.
void edit(Storage& storage, const Texts& table, Texted& model, std::mt19937_64& random) {
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (std::uint64_t left = random() % 20; left > 0; --left) {
    const auto key = static_cast<std::uint32_t>(random() % 1000);
    if (random() % 2 == 0) {
      editor.erase(key).value();
      model.erase(key);
    } else {
      const std::string text = std::to_string(random());
      editor.put(key, text).value();
      model[key] = text;
    }
  }
  std::move(txn).commit().value();
}

/// The first entries of the model behind a key.
TextList next_of(const Texted& model, std::optional<std::uint32_t> last, std::size_t count,
                 Direction direction) {
  TextList list(model.begin(), model.end());
  if (direction == Direction::backward) std::ranges::reverse(list);
  std::erase_if(list, [&](const auto& entry) {
    if (!last) return false;
    return direction == Direction::forward ? entry.first <= *last : entry.first >= *last;
  });
  list.resize(std::min(list.size(), count));
  return list;
}

/// Law: each chunk is what comes behind the one before, in the newest state when it is asked for.
asio::awaitable<void> check_following(Loop& loop, Storage& storage, Texts& table,
                                      std::uint64_t seed, Direction direction) {
  std::mt19937_64 random(seed);
  Texted model;
  for (int commit = 0; commit < 30; ++commit) edit(storage, table, model, random);
  const std::size_t chunk_entries = 1 + random() % 20;
  const auto part = [&](const Texts& all) {
    return direction == Direction::forward ? all.range() : all.reverse();
  };
  auto stream = async_stream(table, part,
                             {.mode = StreamMode::follow,
                              .chunk_entries = chunk_entries,
                              .chunks_ahead = 0,
                              .workers = loop.worker});
  std::optional<std::uint32_t> last;
  for (;;) {
    const TextList expected = next_of(model, last, chunk_entries, direction);
    auto chunk = co_await stream.next_chunk();
    REQUIRE(list_of_chunk(chunk.value()) == expected);
    if (expected.size() < chunk_entries) break;
    last = expected.back().first;
    edit(storage, table, model, random);
  }
  auto after = co_await stream.next_chunk();
  CHECK(after.value().empty());
}

TEST_CASE("a stream that follows goes on in the newest state behind its last entry") {
  for (std::uint64_t seed = 0; seed < scaled(50); ++seed) {
    CAPTURE(seed);
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      Place place;
      Storage storage = place.open();
      Texts table = texts_in(storage);
      Loop loop;
      loop.run(check_following(loop, storage, table, seed, direction));
    }
  }
}

TEST_CASE("a stream that follows sees what is inserted ahead of it, and nothing behind") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 300, short_text, 10);
  Loop loop;
  auto stream = async_stream(
      table, {.mode = StreamMode::follow, .chunk_entries = 10, .workers = loop.worker});
  const auto scan = [&]() -> asio::awaitable<void> {
    std::vector<std::uint32_t> keys;
    for (std::uint32_t number = 0;; ++number) {
      auto chunk = co_await stream.next_chunk();
      if (chunk.value().empty()) break;
      for (const auto& entry : *chunk) keys.push_back(entry.key);
      loop.drain();
      // One chunk is read ahead; this is behind what was given, and that ahead of all.
      table.put(keys.back() - 1, "behind").value();
      if (number < 20) table.put(5000 + number, "ahead").value();
    }
    CHECK(keys.size() == 300 + 20);
    CHECK(std::ranges::is_sorted(keys));
    CHECK(std::ranges::adjacent_find(keys) == keys.end());
    CHECK(std::ranges::count_if(keys, [](std::uint32_t key) { return key >= 5000; }) == 20);
  };
  loop.run(scan());
}

// Law: a stream that stays shows one state: that of its first chunk.
TEST_CASE("a stream that stays does not see what is written meanwhile") {
  for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}}) {
    Place place;
    Storage storage = place.open();
    Texts table = texts_in(storage);
    put_texts(storage, table, 300, short_text);
    Loop loop;
    auto stream =
        async_stream(table, {.chunk_entries = 10, .chunks_ahead = ahead, .workers = loop.worker});
    const auto scan = [&]() -> asio::awaitable<void> {
      TextList list;
      for (;;) {
        auto chunk = co_await stream.next_chunk();
        if (chunk.value().empty()) break;
        const TextList read = list_of_chunk(*chunk);
        list.insert(list.end(), read.begin(), read.end());
        put_texts(storage, table, 310, [](std::uint32_t) { return std::string("new"); });
      }
      CHECK(list.size() == 300);
      for (const auto& [key, text] : list) CHECK(text == short_text(key));
    };
    loop.run(scan());
  }
}

/// The oldest state that anybody keeps.
std::optional<TxnId> oldest_kept(const Storage& storage) {
  std::optional<TxnId> oldest;
  for (const ReaderInfo& reader : storage.readers().value())
    if (reader.pins > 0 && (!oldest || reader.txn < *oldest)) oldest = reader.txn;
  return oldest;
}

/// The consumer is at each entry for a commit that changes all of the table. Law of following: the
/// oldest state that is kept is that of the chunk in hand, which was not read before the one in
/// front of it was taken. How many pages were in use or waited, at most.
asio::awaitable<std::uint64_t> scan_slowly(Loop& loop, Storage& storage, Texts& table,
                                           StreamOptions options) {
  options.chunk_entries = 4;
  options.workers = loop.worker;
  auto stream = async_stream(table, options);
  std::uint64_t most_pages = 0;
  TxnId in_hand_from, ahead_from;
  const TxnId first = storage.statistics().value().published;
  for (std::uint32_t number = 0;; ++number) {
    const TxnId now = storage.statistics().value().published;
    if (number % 4 == 0) {
      in_hand_from = options.chunks_ahead == 0 || number == 0 ? now : ahead_from;
      ahead_from = now;
    }
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;
    loop.drain();
    const TxnId oldest = oldest_kept(storage).value();
    CHECK((options.mode == StreamMode::follow ? oldest >= in_hand_from : oldest == first));
    put_texts(storage, table, 400, [&](std::uint32_t) { return std::string(500, 'x'); });
    const Statistics statistics = storage.statistics().value();
    most_pages =
        std::max(most_pages, statistics.page_count - statistics.free_pages - statistics.log_pages);
  }
  co_return most_pages;
}

TEST_CASE("a slow consumer keeps no state that is older than its chunk") {
  for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}}) {
    CAPTURE(ahead);
    Place place;
    Storage storage = place.open();
    Texts table = texts_in(storage);
    put_texts(storage, table, 400, [](std::uint32_t) { return std::string(500, 'x'); });
    storage.sync().value();
    const std::uint64_t leaves = storage.statistics("texts").value().leaf_pages;
    Loop loop;
    const auto pages = loop.run(
        scan_slowly(loop, storage, table, {.mode = StreamMode::follow, .chunks_ahead = ahead}));
    // The newest state, the durable one, and those of the chunks in hand and ahead.
    CHECK(pages < (5 + ahead) * leaves);
    CHECK(storage.statistics().value().pins == 0);
    loop.run(scan_slowly(loop, storage, table, {.chunks_ahead = ahead}));
  }
}

/// How many pages wait for a stream that gave some chunks before the table was written anew.
asio::awaitable<std::uint64_t> pending_for(Loop& loop, Storage& storage, Texts& table,
                                           StreamMode mode) {
  auto stream = async_stream(
      table, {.mode = mode, .chunk_entries = 4, .chunks_ahead = 0, .workers = loop.worker});
  for (int chunks = 0; chunks < 3; ++chunks) {
    auto chunk = co_await stream.next_chunk();
    CHECK(chunk.value().size() == 4);
    chunk->clear();
    put_texts(storage, table, 400, [](std::uint32_t) { return std::string(500, 'x'); });
    put_texts(storage, table, 1, [](std::uint32_t) { return std::string(500, 'x'); });
  }
  co_return storage.statistics().value().pending_pages;
}

TEST_CASE("a stream that follows keeps nothing between its chunks, one that stays its state") {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  put_texts(storage, table, 400, [](std::uint32_t) { return std::string(500, 'x'); });
  const std::uint64_t leaves = storage.statistics("texts").value().leaf_pages;
  Loop loop;
  CHECK(loop.run(pending_for(loop, storage, table, StreamMode::stay)) >= leaves);
  CHECK(loop.run(pending_for(loop, storage, table, StreamMode::follow)) < leaves);
}

}  // namespace
}  // namespace quire::test
