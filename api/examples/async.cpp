// Orders on an event loop: a commit that is awaited, and a scan that leaves the loop free.
//
// It says:
//   on disk: true
//   turnover: 618750
#include <quire/api/async.hpp>
#include <quire/quire.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <iostream>
#include <utility>

struct Order {
  double price;
  std::uint32_t customer, pieces;
};
using Orders = quire::Table<std::uint64_t, Order>;

namespace {

boost::asio::awaitable<void> take_orders(quire::Storage storage, Orders orders) {
  auto txn = storage.begin_write().value();
  auto editor = txn.table(orders);
  for (std::uint32_t number = 0; number < 100'000; ++number) {
    editor.put(number, {0.25 * (number % 100), number % 7, 1}).value();
  }
  auto receipt = co_await quire::async_commit(std::move(txn));  // others run meanwhile
  std::cout << std::boolalpha << "on disk: " << receipt.value().is_durable << '\n';
}

boost::asio::awaitable<double> turnover(Orders orders, std::uint64_t from, std::uint64_t to) {
  const auto part = [from, to](const Orders& all) { return all.range(from, to); };
  auto stream = quire::async_stream(orders, part, {.mode = quire::StreamMode::follow});
  double sum = 0;
  for (;;) {
    auto entry = co_await stream.next();
    if (entry.value() == nullptr) break;  // value() throws what went wrong
    const auto& [number, order] = **entry;
    sum += order->price * order->pieces;
  }
  co_return sum;
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): value() ends the program and says why
  auto storage = quire::StorageBuilder("orders.quire").build().value();
  auto orders = storage.new_table<std::uint64_t, Order>("orders").build().value();
  boost::asio::io_context loop;
  auto taken = boost::asio::co_spawn(loop, take_orders(storage, orders), boost::asio::use_future);
  loop.run();
  taken.get();
  auto sum = boost::asio::co_spawn(loop, turnover(orders, 1000, 51'000), boost::asio::use_future);
  loop.restart();
  loop.run();
  std::cout << "turnover: " << sum.get() << '\n';
}
