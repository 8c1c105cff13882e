// FlatBuffers: orders are put as objects or as finished buffers, read in place, and compressed in a
// second table. orders_generated.h is what flatc makes of orders.fbs; see meson.build.
//
// It says:
//   1 Ada has paid
//   2 Grace
//   lamp
#include <quire/formats/compressed.hpp>
#include <quire/formats/flatbuffers.hpp>
#include <quire/quire.hpp>

#include <cstdint>
#include <iostream>
#include <utility>

#include "orders_bfbs_generated.h"
#include "orders_generated.h"

// NOLINTBEGIN(bugprone-exception-escape): here value() ends the program and says why
int main() {
  using Schema = shop::OrderBinarySchema;
  const auto format =
      quire::FlatbuffersFormat<shop::Order>::with_schema(Schema::data(), Schema::size()).value();
  auto storage = quire::StorageBuilder("orders.quire").build().value();
  auto orders = storage.new_table<std::uint64_t, shop::Order>("orders")
                    .with_value_format(format)
                    .build()
                    .value();
  auto archive = storage.new_table<std::uint64_t, shop::Order>("archive")
                     .with_value_format(quire::Compressed{format})
                     .build()
                     .value();

  shop::OrderT order;  // an object
  order.customer = "Ada";
  order.paid = true;
  orders.put(1, order).value();

  flatbuffers::FlatBufferBuilder builder;  // a finished buffer
  const auto product = builder.CreateString("lamp");
  const auto items = builder.CreateVector({shop::CreateItem(builder, product, 3)});
  builder.Finish(shop::CreateOrder(builder, builder.CreateString("Grace"), items));
  auto txn = storage.begin_write().value();
  txn.table(orders).put(2, builder).value();
  txn.table(archive).put(2, builder).value();
  std::move(txn).commit().value();

  for (const auto& [number, each] : orders.range()) {  // a const shop::Order& in the file itself
    std::cout << number << ' ' << each->customer()->str() << (each->paid() ? " has paid\n" : "\n");
  }
  const auto archived = archive.get(2).value().value();  // owns what it was unpacked to
  std::cout << archived->items()->Get(0)->product()->str() << '\n';
}
// NOLINTEND(bugprone-exception-escape)
