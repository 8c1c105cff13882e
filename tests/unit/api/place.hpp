// Where the storages of a test lie: in memory, or in files of a directory that goes with the test.
//
// Storages can be closed and opened again in either; commits wait for no sync.
#pragma once

#include <quire/quire.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "support/temporary_directory.hpp"

namespace quire::test {

class Place {
 public:
  enum class Kind { memory, file };
  static constexpr std::array all{Kind::memory, Kind::file};

  explicit Place(Kind kind = Kind::memory) {
    if (kind == Kind::file) directory_.emplace();
  }

  [[nodiscard]] StorageBuilder builder(const std::string& name = "storage") {
    StorageBuilder builder(directory_ ? *directory_ / name : name);
    if (!directory_) builder.with_backend(files_);
    return builder;
  }
  [[nodiscard]] Storage open(const std::string& name = "storage") {
    return builder(name).with_durability(Durability::buffered).build().value();
  }

 private:
  MemoryFileSystem files_;
  std::optional<TemporaryDirectory> directory_;
};

/// The code of a result that must have failed.
template <class T>
ErrorCode code_of(const Result<T>& result) {
  if (result) return ErrorCode{255};
  return result.error().code();
}

}  // namespace quire::test
