// An archive is not written byte by byte: only values that fill in place are reserved.
// must say: ValuesFillInPlace
#include <quire/formats/rkyv.hpp>
#include <quire/quire.hpp>

#include <vector>

void reserve(quire::Storage& storage) {
#ifdef QUIRE_FIXED
  const auto table = storage.new_table<int, double>("table").build().value();
#else
  const auto table = storage.new_table<int, std::vector<int>>("table")
                         .with_value_format(quire::RkyvFormat{})
                         .build()
                         .value();
#endif
  auto txn = storage.begin_write().value();
  static_cast<void>(txn.table(table).reserve(1).value());
}
