// Streams and commits for event loops: C++20 coroutines, or whatever else completes an operation of
// Boost.Asio. What waits for the disk runs on workers; the loop's thread never does.
//
//   boost::asio::awaitable<void> total(quire::Table<std::uint64_t, Order> orders) {
//     auto stream = quire::async_stream(orders);
//     double sum = 0;
//     while (auto order = (co_await stream.next()).value()) sum += order->value->price;
//     std::cout << sum << '\n';
//   }
//
// quire.hpp does not include this: only its users need Boost.Asio (Boost 1.81 or later, headers).
#pragma once

#include "quire/api/async/commit.hpp"
#include "quire/api/async/stream.hpp"
#include "quire/api/async/stream_options.hpp"
#include "quire/api/async/workers.hpp"
