// How streams end before their end: errors, cancellation, deadlines, and whatever goes first.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>

#include "support/volume.hpp"
#include "unit/api/async/loop.hpp"

namespace quire::test {
namespace {

using asio::cancellation_type;

/// A table of 1000 texts, and streams of ten of them a chunk; a worker that is to read from the
/// state of a chunk, the first one or a later one, passes a gate before.
struct World {
  Place place;
  Storage storage = place.open();
  Texts table = texts_in(storage);
  Gate gate;
  std::optional<Loop> loop{std::in_place};

  World() { put_texts(storage, table, 1000, short_text); }

  [[nodiscard]] TextStream held_stream(StreamMode mode = StreamMode::stay, int passes = 0) {
    const auto part = [this, left = passes](const Texts& all) mutable {
      if (left-- == 0) gate.pass();
      return all.range();
    };
    return async_stream(table, part, {.mode = mode, .chunk_entries = 10, .workers = loop->worker});
  }
  [[nodiscard]] std::uint64_t pins() const { return storage.statistics().value().pins; }
};

/// A handler on the world's loop that keeps what it is told, and may be cancelled.
struct Listener {
  asio::cancellation_signal signal;
  std::optional<Result<TextStream::Chunk>> heard;

  void listen(World& world, TextStream& stream) {
    heard.reset();
    const auto hear = [this](Result<TextStream::Chunk> chunk) { heard = std::move(chunk); };
    stream.next_chunk(
        asio::bind_executor(world.loop->io, asio::bind_cancellation_slot(signal.slot(), hear)));
  }
  void run(World& world) {
    world.loop->io.restart();
    world.loop->io.run();
  }
};

TEST_CASE("a terminal cancellation frees everything, also what a worker is at") {
  for (const StreamMode mode : {StreamMode::stay, StreamMode::follow}) {
    World world;
    TextStream stream = world.held_stream(mode, mode == StreamMode::follow ? 1 : 0);
    Listener listener;
    listener.listen(world, stream);
    if (mode == StreamMode::follow) {
      listener.run(world);
      CHECK(listener.heard->value().size() == 10);
      CHECK(world.pins() >= 10);
      listener.listen(world, stream);
    }
    world.gate.wait_for_one();
    listener.signal.emit(cancellation_type::terminal);
    listener.run(world);
    CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
    world.gate.open();
    world.loop->drain();
    CHECK(world.pins() == 0);
    listener.listen(world, stream);
    listener.run(world);
    CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
  }
}

TEST_CASE("after a cancellation that is not terminal a stream goes on, and nothing is lost") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial}) {
    World world;
    TextStream stream = world.held_stream();
    Listener listener;
    for (int time = 0; time < 3; ++time) {
      listener.listen(world, stream);
      if (time == 0) world.gate.wait_for_one();
      listener.signal.emit(type);
      listener.run(world);
      CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
    }
    world.gate.open();
    CHECK(world.loop->run(read_all(stream)) == list_of(world.table.range()));
  }
}

TEST_CASE("a signal that comes late does nothing") {
  World world;
  world.gate.open();
  TextStream stream = world.held_stream();
  Listener listener;
  listener.listen(world, stream);
  listener.run(world);
  listener.signal.emit(cancellation_type::terminal);
  CHECK(listener.heard->value().size() == 10);
  listener.heard.reset();
  CHECK(world.loop->run(read_all(stream)).size() == 990);
}

TEST_CASE("whoever is quicker than a stream ends its wait, and it") {
  using namespace asio::experimental::awaitable_operators;
  World world;
  TextStream stream = world.held_stream();
  const auto race = [&]() -> asio::awaitable<std::size_t> {
    asio::steady_timer timer(world.loop->io, std::chrono::steady_clock::time_point::min());
    auto first = co_await (stream.next() || timer.async_wait(asio::use_awaitable));
    co_return first.index();
  };
  CHECK(world.loop->run(race()) == 1);
  CHECK(code_of(stream.next_chunk(asio::use_future).get()) == ErrorCode::cancelled);
  world.gate.open();
  world.loop->drain();
  CHECK(world.pins() == 0);
}

TEST_CASE("a deadline ends a wait and the stream, and is told apart") {
  World world;
  TextStream stream = world.held_stream();
  Listener listener;
  stream.expires_after(std::chrono::milliseconds(1));
  listener.listen(world, stream);
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::timed_out);
  stream.expires_never();
  listener.listen(world, stream);
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::timed_out);
  world.gate.open();
  world.loop->drain();
  CHECK(world.pins() == 0);
}

TEST_CASE("a deadline that has passed ends a stream, also when a chunk is there") {
  World world;
  world.gate.open();
  TextStream stream = world.held_stream();
  Listener listener;
  stream.expires_after(std::chrono::hours(1));
  listener.listen(world, stream);
  listener.run(world);
  CHECK(listener.heard->value().size() == 10);
  world.loop->drain();
  stream.expires_at(std::chrono::steady_clock::time_point::min());
  listener.listen(world, stream);
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::timed_out);
  CHECK(world.pins() == 0);
}

TEST_CASE("a deadline or a cancellation does not undo an end") {
  World world;
  world.gate.open();
  TextStream stream = world.held_stream();
  CHECK(world.loop->run(read_all(stream)).size() == 1000);
  stream.expires_at(std::chrono::steady_clock::time_point::min());
  CHECK(world.loop->run(read_all(stream)).empty());
  stream.cancel();
  CHECK(world.loop->run(read_all(stream)).empty());
}

TEST_CASE("destroying a stream cancels whoever waits for it, and what a worker is at is dropped") {
  World world;
  std::optional<TextStream> stream = world.held_stream();
  Listener listener;
  listener.listen(world, *stream);
  world.gate.wait_for_one();
  stream.reset();
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
  world.gate.open();
  world.loop->drain();
  CHECK(world.pins() == 0);
}

TEST_CASE("chunks that are ahead go with their stream") {
  World world;
  world.gate.open();
  std::optional<TextStream> stream = world.held_stream();
  const auto take = [&]() -> asio::awaitable<void> {
    auto entry = co_await stream->next();
    CHECK(entry.value()->key == 0);
  };
  world.loop->run(take());
  world.loop->drain();
  CHECK(world.pins() >= 20);
  stream.reset();
  CHECK(world.pins() == 0);
}

TEST_CASE("a stream that takes another's place ends the one that it was") {
  World world;
  TextStream stream = world.held_stream();
  Listener listener;
  listener.listen(world, stream);
  world.gate.wait_for_one();
  stream = async_stream(world.table, {.workers = world.loop->worker});
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
  world.gate.open();
  CHECK(world.loop->run(read_all(stream)).size() == 1000);
}

// Law: a loop may go with coroutines on it that wait, whatever the worker is at.
TEST_CASE("a loop that goes takes its coroutines with it") {
  World world;
  {
    asio::io_context io;
    const auto scan = [&]() -> asio::awaitable<void> {
      TextStream stream = world.held_stream();
      stream.expires_after(std::chrono::hours(1));
      static_cast<void>(co_await stream.next());
      CHECK_MESSAGE(false, "a coroutine went on without its loop");
    };
    asio::co_spawn(io, scan(), asio::use_future);
    io.poll();
    world.gate.wait_for_one();
  }
  world.gate.open();
  world.loop->drain();
  CHECK(world.pins() == 0);
}

TEST_CASE("workers that end before they begin cancel what waits for them") {
  World world;
  auto pool = std::make_unique<asio::thread_pool>(1);
  pool->stop();
  TextStream stream = async_stream(world.table, {.workers = *pool});
  Listener listener;
  listener.listen(world, stream);
  pool.reset();
  listener.run(world);
  CHECK(code_of(*listener.heard) == ErrorCode::cancelled);
}

/// Law: an error is told after the entries before it, again and again, and is no end.
void check_error(Loop& loop, TextStream stream, std::uint32_t bad_key, ErrorCode code) {
  const auto scan = [&]() -> asio::awaitable<void> {
    std::uint32_t count = 0;
    for (;; ++count) {
      auto entry = co_await stream.next();
      if (!entry) break;
      REQUIRE(*entry != nullptr);
      CHECK((*entry)->key == count);
    }
    CHECK(count <= bad_key);
    CHECK(count > bad_key / 2);
    for (int time = 0; time < 2; ++time) {
      auto entry = co_await stream.next();
      CHECK(code_of(entry) == code);
      auto chunk = co_await stream.next_chunk();
      CHECK(code_of(chunk) == code);
    }
  };
  loop.run(scan());
}

TEST_CASE("a damaged page is told to whoever comes to it") {
  MemoryFileSystem files;
  const auto open = [&] { return StorageBuilder("data").with_backend(files).build().value(); };
  {
    Storage storage = open();
    Texts table = texts_in(storage);
    put_texts(storage, table, 2000, short_text);
  }
  std::string content;
  {
    auto file = files.open("data", Access::read_only).value();
    content = as_text(file->map(1).value().first(file->size().value()));
  }
  const auto place = content.find(short_text(1500));
  REQUIRE(place != std::string::npos);
  content[place] ^= 1;
  files.add_file("data", as_bytes(content)).value();
  Storage storage = open();
  Loop loop;
  for (const StreamMode mode : {StreamMode::stay, StreamMode::follow})
    for (const std::size_t entries : {std::size_t{1}, std::size_t{10'000}})
      check_error(loop,
                  async_stream(texts_in(storage),
                               {.mode = mode, .chunk_entries = entries, .workers = loop.worker}),
                  1500, ErrorCode::corrupt);
  CHECK(storage.statistics().value().pins == 0);
}

TEST_CASE("a table that goes is told to a stream that follows") {
  World world;
  Loop& loop = *world.loop;
  auto stream = async_stream(
      world.table,
      {.mode = StreamMode::follow, .chunk_entries = 10, .chunks_ahead = 0, .workers = loop.worker});
  const auto scan = [&]() -> asio::awaitable<void> {
    auto chunk = co_await stream.next_chunk();
    CHECK(chunk.value().size() == 10);
    world.storage.drop_table("texts").value();
    auto next = co_await stream.next_chunk();
    CHECK(code_of(next) == ErrorCode::table_missing);
  };
  loop.run(scan());
}

/// Takes some entries, and then lets the stream go in one of the ways there are.
asio::awaitable<void> use_and_drop(const Texts& table, asio::thread_pool& workers,
                                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  auto stream =
      async_stream(table, {.mode = random() % 2 == 0 ? StreamMode::stay : StreamMode::follow,
                           .chunk_entries = 1 + random() % 30,
                           .chunks_ahead = random() % 3,
                           .workers = workers});
  std::optional<std::uint32_t> last;
  for (std::uint64_t left = random() % 300; left > 0; --left) {
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;
    CHECK((!last || (*entry)->key > *last));
    last = (*entry)->key;
  }
  if (random() % 2 == 0) stream.expires_after(std::chrono::microseconds(random() % 50));
  if (random() % 2 == 0) {
    auto chunk = co_await stream.next_chunk();
    if (!chunk) CHECK(code_of(chunk) == ErrorCode::timed_out);
  }
}

TEST_CASE("streams of many coroutines on several threads end as they like while somebody writes") {
  World world;
  asio::thread_pool workers(2);
  asio::thread_pool loops(2);
  std::vector<std::future<void>> ends;
  for (std::uint64_t seed = 0; seed < scaled(400); ++seed) {
    ends.push_back(asio::co_spawn(asio::make_strand(loops),
                                  use_and_drop(world.table, workers, seed), asio::use_future));
    if (seed % 4 == 0) world.table.put(static_cast<std::uint32_t>(seed * 3), "new").value();
  }
  for (auto& end : ends) end.get();
  loops.join();
  workers.join();
  CHECK(world.pins() == 0);
}

}  // namespace
}  // namespace quire::test
