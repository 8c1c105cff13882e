// async-scan: how long an event loop stands still while a table is read that is not in memory.
//
//   build/release/bench/async-scan --size 2GiB --directory build/bench_files
//
// A file of that size is made, and before each scan it is closed and its pages are dropped from the
// system's cache. On the loop, a timer ticks each millisecond while a coroutine sums up all values:
// in a plain loop; in one that gives the event loop a turn after every 256 entries; and from a
// stream. The longest time between two ticks is what any other connection would have waited. How
// long it is on a loop that does nothing, for four seconds, tells what the machine is worth.
//
// Exit status: 0 when all scans come to the same sum, whatever the times; 1 when they do not.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <quire/api/async.hpp>
#include <quire/quire.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>

#include "working_directory.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Blobs = quire::Table<std::uint64_t, std::string>;

struct Arguments {
  std::uint64_t size = std::uint64_t{2} << 30;
  std::uint64_t value_size = 1000;
  std::string directory = "build/bench-data";
};

quire::Storage open(const std::string& path) {
  return quire::StorageBuilder(path).with_durability(quire::Durability::buffered).build().value();
}

Blobs blobs_in(const quire::Storage& storage) {
  return storage.new_table<std::uint64_t, std::string>("blobs").build().value();
}

void fill(const std::string& path, const Arguments& arguments) {
  quire::Storage storage = open(path);
  const Blobs table = blobs_in(storage);
  std::mt19937_64 random(1);
  std::string value(arguments.value_size, ' ');
  const std::uint64_t count = arguments.size / (arguments.value_size + 8);
  for (std::uint64_t key = 0; key < count;) {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (const std::uint64_t end = std::min(count, key + 20'000); key < end; ++key) {
      for (std::size_t at = 0; at + 8 <= value.size(); at += 64)
        value[at] = static_cast<char>(random());
      editor.put(key, value).value();
    }
    std::move(txn).commit().value();
  }
  storage.close().value();
}

/// Nothing of the file is left in memory.
void drop_cache(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) throw std::runtime_error("cannot open " + path);
  const bool is_done =
      ::fsync(descriptor) == 0 && ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0;
  ::close(descriptor);
  if (!is_done) throw std::runtime_error("cannot drop the cache of " + path);
}

/// Stands for what a program does with a value: reads all of it.
class Sum {
 public:
  void add(const auto& value) {
    for (const char letter : value) sum_ += static_cast<unsigned char>(letter);
  }
  [[nodiscard]] std::uint64_t value() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

asio::awaitable<std::uint64_t> do_nothing(Blobs) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(4));
  co_await timer.async_wait(asio::use_awaitable);
  co_return 0;
}

asio::awaitable<std::uint64_t> scan_plainly(Blobs table) {
  Sum sum;
  for (const auto& [key, value] : table.range()) sum.add(*value);
  co_return sum.value();
}

asio::awaitable<std::uint64_t> scan_with_turns(Blobs table) {
  Sum sum;
  std::uint64_t count = 0;
  for (const auto& [key, value] : table.range()) {
    sum.add(*value);
    if (++count % 256 == 0) co_await asio::post(asio::use_awaitable);
  }
  co_return sum.value();
}

asio::awaitable<std::uint64_t> scan_stream(Blobs table) {
  auto stream = quire::async_stream(table);
  Sum sum;
  for (;;) {
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;
    const Blobs::Entry& read = **entry;
    sum.add(*read.value);
  }
  co_return sum.value();
}

/// The times between ticks of a timer on the loop.
class Ticker {
 public:
  asio::awaitable<void> run(asio::io_context& loop) {
    asio::steady_timer timer(loop);
    Clock::time_point last = Clock::now();
    while (!is_over_) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
      const Clock::time_point now = Clock::now();
      longest_ = std::max(longest_, Milliseconds(now - last));
      if (now - last > std::chrono::milliseconds(5)) ++above_5_ms_;
      ++ticks_;
      last = now;
    }
  }
  void end() { is_over_ = true; }

  Milliseconds longest_{0};
  std::uint64_t above_5_ms_ = 0;
  std::uint64_t ticks_ = 0;

 private:
  bool is_over_ = false;
};

using Scan = asio::awaitable<std::uint64_t> (*)(Blobs);

std::uint64_t measure(const std::string& name, const std::string& path, Scan scan) {
  drop_cache(path);
  quire::Storage storage = open(path);
  const Blobs table = blobs_in(storage);
  asio::io_context loop;
  Ticker ticker;
  const auto scan_and_end = [&]() -> asio::awaitable<std::uint64_t> {
    const std::uint64_t sum = co_await scan(table);
    ticker.end();
    co_return sum;
  };
  asio::co_spawn(loop, ticker.run(loop), asio::use_future);
  const Clock::time_point begin = Clock::now();
  auto sum = asio::co_spawn(loop, scan_and_end(), asio::use_future);
  loop.run();
  const std::chrono::duration<double> time = Clock::now() - begin;
  fmt::print("{:<34}{:>9.2f} s{:>12.2f} ms{:>10}{:>10}\n", name, time.count(),
             ticker.longest_.count(), ticker.above_5_ms_, ticker.ticks_);
  return sum.get();
}

bool run(const Arguments& arguments) {
  const WorkingDirectory directory(arguments.directory, "async_scan");
  const std::string path = directory.path() + "/blobs.quire";
  fill(path, arguments);
  fmt::print("{:<34}{:>11}{:>15}{:>10}{:>10}\n", "scan", "time", "longest stall", "> 5 ms",
             "ticks");
  static_cast<void>(measure("none: the loop is idle", path, do_nothing));
  const auto plain = measure("plain loop", path, scan_plainly);
  const auto turns = measure("plain loop, a turn each 256", path, scan_with_turns);
  const auto stream = measure("stream", path, scan_stream);
  return plain == turns && plain == stream;
}

}  // namespace
}  // namespace bench

int main(int argument_count, char** argument_values) {
  bench::Arguments arguments;
  CLI::App app("Shows how long an event loop stands still during a scan.", "async-scan");
  app.add_option("--size", arguments.size, "bytes of keys and values, as 2GiB")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--value-size", arguments.value_size, "bytes of each value")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--directory", arguments.directory, "where the file goes: on a real disk");
  CLI11_PARSE(app, argument_count, argument_values);
  try {
    if (bench::run(arguments)) return 0;
    std::cerr << "async-scan: the scans differ\n";
  } catch (const std::exception& failure) {
    std::cerr << "async-scan: " << failure.what() << '\n';
  }
  return 1;
}
