// Of a struct that was not described no format knows how to order its fields.
// must say: no key format fits this key type by itself: name one by with_key_format\(\)
#include <quire/quire.hpp>

#include <cstdint>

struct Place {
  std::uint32_t row, column;
};
#ifdef QUIRE_FIXED
QUIRE_DESCRIBE(Place, row, column)
#endif

void open(const quire::Storage& storage) {
  static_cast<void>(storage.new_table<Place, double>("heights").build());
}
