// A struct with a string does not lie in memory as it could be stored.
// must say: no value format fits this value type by itself: name one by with_value_format\(\)
#include <quire/formats/rkyv.hpp>
#include <quire/quire.hpp>

#include <string>

struct Book {
  std::string title;
};
QUIRE_DESCRIBE(Book, title)

void open(const quire::Storage& storage) {
  const auto books = storage.new_table<int, Book>("books");
#ifdef QUIRE_FIXED
  static_cast<void>(books.with_value_format(quire::RkyvFormat{}).build());
#else
  static_cast<void>(books.build());
#endif
}
