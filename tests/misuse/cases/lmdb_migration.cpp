// Tables over LMDB are not migrated; they may be made anew.
// needs: lmdb
// must say: MigratesTables
#include <quire/api/lmdb.hpp>

void open(const quire::LmdbStorage& storage) {
  const auto numbers = storage.new_table<int, double>("numbers");
#ifdef QUIRE_FIXED
  static_cast<void>(numbers.with_recreate(quire::Recreate::if_incompatible).build());
#else
  const auto convert = [](int key, const float& old, const auto& put) { return put(key, old); };
  static_cast<void>(numbers.with_migration<int, float>(convert).build());
#endif
}
