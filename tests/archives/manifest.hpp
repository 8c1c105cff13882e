// The vectors: archives that the rkyv crate wrote, and what it says is in them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "quire/formats/rkyv/schema.hpp"
#include "quire/quire.hpp"
#include "tools/json.hpp"

namespace quire::test {

/// In the folder that QUIRE_ARCHIVE_VECTORS names, or that of this repository.
class Manifest {
 public:
  Manifest();

  [[nodiscard]] const kvtool::Json& json() const { return json_; }
  [[nodiscard]] std::vector<std::byte> file(const std::string& name) const;
  [[nodiscard]] std::shared_ptr<const rkyv::Schema> schema(const std::string& rust_type) const;

 private:
  std::filesystem::path folder_;
  kvtool::Json json_;
};

/// Read once.
const Manifest& manifest();

/// What JSON consists of, sorted: for hash tables, which have no order.
std::string letters_of(const kvtool::Json& json);

/// A value of the manifest as kvtool writes it.
kvtool::Json as_shown(const rkyv::Type& type, const kvtool::Json& value);

}  // namespace quire::test
