// Loop: an event loop with one worker, and what the tests of streams have in common.
#pragma once

#include <doctest/doctest.h>
#include <quire/api/async.hpp>
#include <quire/quire.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "unit/api/place.hpp"

namespace quire::test {

namespace asio = boost::asio;

using Texts = Table<std::uint32_t, std::string>;
using TextList = std::vector<std::pair<std::uint32_t, std::string>>;
using TextStream = AsyncStream<Texts::Entry>;

class Loop {
 public:
  asio::io_context io;
  asio::thread_pool worker{1};

  /// What the coroutine returns, when it does.
  template <class T>
  T run(asio::awaitable<T> coroutine) {
    auto result = asio::co_spawn(io, std::move(coroutine), asio::use_future);
    io.restart();
    io.run();
    return result.get();
  }

  /// Waits until the worker has done what it was called for so far; what it has called itself for
  /// meanwhile comes behind that.
  void drain() {
    for (int round = 0; round < 2; ++round) {
      std::promise<void> done;
      asio::post(worker, [&] { done.set_value(); });
      done.get_future().wait();
    }
  }
};

/// Holds whoever passes while it is shut.
class Gate {
 public:
  void pass() {
    arrived_.release();
    open_.acquire();
    open_.release();
  }
  /// Waits until somebody is held.
  void wait_for_one() { arrived_.acquire(); }
  void open() { open_.release(); }

 private:
  std::counting_semaphore<> arrived_{0};
  std::counting_semaphore<> open_{0};
};

inline Texts texts_in(const Storage& storage) {
  return storage.new_table<std::uint32_t, std::string>("texts").build().value();
}

/// One commit: each key that is a multiple of step, up to but not count * step.
inline void put_texts(Storage& storage, const Texts& table, std::uint32_t count,
                      const std::function<std::string(std::uint32_t)>& text,
                      std::uint32_t step = 1) {
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (std::uint32_t n = 0; n < count; ++n) editor.put(n * step, text(n * step)).value();
  std::move(txn).commit().value();
}

inline std::string short_text(std::uint32_t key) { return "text " + std::to_string(key); }

inline TextList list_of(auto range) {
  TextList list;
  for (const auto& [key, value] : range) list.emplace_back(key, *value);
  return list;
}

inline TextList list_of_chunk(const TextStream::Chunk& chunk) {
  TextList list;
  for (const auto& [key, value] : chunk) list.emplace_back(key, *value);
  return list;
}

/// All that is left of a stream, entry by entry.
inline asio::awaitable<TextList> read_all(TextStream& stream) {
  TextList list;
  for (;;) {
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;
    const Texts::Entry& read = **entry;
    list.emplace_back(read.key, *read.value);
  }
  co_return list;
}

}  // namespace quire::test
