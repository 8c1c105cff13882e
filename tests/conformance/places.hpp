// Every backend, and where its storages lie: the tests of this folder are about all of them.
//
// A place has files of its own, which go with it. Commits wait for no sync.
#pragma once

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <string>
#include <tuple>
#include <utility>

#include "conformance/copying_backend.hpp"
#include "support/temporary_directory.hpp"
#if defined(QUIRE_TESTS_LMDB)
#include <quire/api/lmdb.hpp>
#endif

namespace quire::test {

template <class Choice>
class FilePlace {
 public:
  using Backend = typename Choice::Place;

  [[nodiscard]] auto builder(const std::string& name = "storage") const {
    StorageBuilder builder(directory_ / name);
    return BasicStorageBuilder<Backend>(builder.with_backend(Choice{}));
  }
  [[nodiscard]] BasicStorage<Backend> open(const std::string& name = "storage") const {
    return builder(name).with_durability(Durability::buffered).build().value();
  }

 private:
  TemporaryDirectory directory_;
};

using NativePlace = FilePlace<backend::Native>;
using MemoryPlace = FilePlace<backend::Memory>;
using CopyingPlace = FilePlace<CopyingBackend>;
#if defined(QUIRE_TESTS_LMDB)
using LmdbPlace = FilePlace<backend::Lmdb>;
using Places = std::tuple<NativePlace, MemoryPlace, CopyingPlace, LmdbPlace>;
/// Those where a storage is there again when it is opened again.
using LastingPlaces = std::tuple<NativePlace, CopyingPlace, LmdbPlace>;
#else
using Places = std::tuple<NativePlace, MemoryPlace, CopyingPlace>;
using LastingPlaces = std::tuple<NativePlace, CopyingPlace>;
#endif

/// The table of these types that a storage over the place's backend has.
template <class Place, class K, class V>
using TableOf = Table<K, V, DefaultKeyFormat<K>, DefaultValueFormat<V>, typename Place::Backend>;

template <class K, class V, class Backend>
auto table_in(const BasicStorage<Backend>& storage, const std::string& name = "table") {
  return storage.template new_table<K, V>(name).build().value();
}

/// The code of a result that must have failed.
template <class T>
ErrorCode code_of(const Result<T>& result) {
  if (result) return ErrorCode{255};
  return result.error().code();
}

}  // namespace quire::test
